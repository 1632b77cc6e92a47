/** What the list of profiles asks the server. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, data } from '../../api/client';
import type { Row } from './columns';

export const PAGE = 50;
const MOST_IN_A_PAGE = 1_000;

/** A list's own words: everybody, those found, or those who arrived at a node. */
export type Whom = { search?: string } | { journey: string; node: string };
export const isNode = (whom: Whom): whom is { journey: string; node: string } => 'node' in whom;

interface Page {
  profiles: Row[];
  next: number | null;
}

export const profilesQuery = (search: string | undefined, after: number | undefined) =>
  queryOptions({
    queryKey: ['profiles', search, after],
    queryFn: ({ signal }) => readProfiles(search, after, PAGE, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.total === 0 && search === undefined ? 1_500 : 15_000),
  });

export const arrivalsQuery = (journey: string, node: string, after: number | undefined) =>
  queryOptions({
    queryKey: ['arrivals', journey, node, after],
    queryFn: ({ signal }) => readArrivals(journey, node, after, PAGE, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.total === 0 ? 2_000 : 15_000),
  });

export const journeyQuery = (id: string) =>
  queryOptions({
    queryKey: ['journey', id],
    queryFn: ({ signal }) => data(api.GET('/api/v1/journeys/{id}', { params: { path: { id } }, signal })),
  });

function readProfiles(
  search: string | undefined,
  after: number | undefined,
  limit: number,
  signal?: AbortSignal,
) {
  return data(api.GET('/api/v1/profiles', { params: { query: { search, after, limit } }, signal }));
}

function readArrivals(
  id: string,
  node: string,
  after: number | undefined,
  limit: number,
  signal?: AbortSignal,
) {
  return data(
    api.GET('/api/v1/journeys/{id}/nodes/{node}/profiles', {
      params: { path: { id, node }, query: { after, limit } },
      signal,
    }),
  );
}

/** Everybody in the list, page after page; `onRead` hears how many there are so far. */
export async function readAll(whom: Whom, onRead: (count: number) => void): Promise<Row[]> {
  const rows: Row[] = [];
  let after: number | undefined;
  for (;;) {
    const page: Page = isNode(whom)
      ? await readArrivals(whom.journey, whom.node, after, MOST_IN_A_PAGE)
      : await readProfiles(whom.search, after, MOST_IN_A_PAGE);
    rows.push(...page.profiles);
    onRead(rows.length);
    if (page.next === null) return rows;
    after = page.next;
  }
}
