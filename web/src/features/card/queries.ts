/** What the card asks the server. */
import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import { MESSAGES, MOVES } from '../../ui/actions';
import type { CardSearch } from './search';

export type Card = Schemas['Card'];
export type Activity = Schemas['Activity'];
export type Activities = Schemas['Activities'];
export type Stream = InfiniteData<Activities, unknown>;

export const PAGE = 100;
/** As many new events are looked for at a time; when there are more, the stream begins anew. */
export const NEWS = 50;
const EVERY = 3_000;

export const cardQuery = (id: string) =>
  queryOptions({
    queryKey: ['card', id],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/profiles/{profile}', { params: { path: { profile: id } }, signal })),
    refetchInterval: EVERY,
  });

/** Which events the server shall send. */
export interface Choice {
  action?: string[];
  since?: string;
  until?: string;
  run?: string;
}

const LENGTHS = { day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;

/**
 * The choice that an address stands for. A period begins at a whole minute, so that the same address is the same
 * question for a while. Undefined when no action is in the family that was chosen.
 */
export function choiceOf(search: CardSearch, present: number): Choice {
  const family = search.family === 'moves' ? MOVES : search.family === 'messages' ? MESSAGES : undefined;
  const actions = search.actions ?? family;
  const minute = Math.floor(present / 60_000) * 60_000;
  return {
    ...(actions === undefined ? {} : { action: [...actions] }),
    ...(search.period === undefined
      ? {}
      : { since: new Date(minute - LENGTHS[search.period]).toISOString() }),
    ...(search.from === undefined ? {} : { since: dayBegin(search.from) }),
    ...(search.to === undefined ? {} : { until: dayEnd(search.to) }),
    ...(search.run === undefined ? {} : { run: search.run }),
  };
}

const dayBegin = (day: string): string => new Date(`${day}T00:00:00.000`).toISOString();
const dayEnd = (day: string): string => new Date(`${day}T23:59:59.999`).toISOString();

export const activityQuery = (id: string, choice: Choice) =>
  infiniteQueryOptions({
    queryKey: ['activity', id, choice],
    queryFn: ({ pageParam, signal }) => readActivity(id, choice, PAGE, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Activities) => page.next ?? undefined,
    // What has happened does not change: new events are looked for beside it.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });

export const newsQuery = (id: string, choice: Choice) =>
  queryOptions({
    queryKey: ['news', id, choice],
    queryFn: ({ signal }) => readActivity(id, choice, NEWS, undefined, signal),
    refetchInterval: EVERY,
  });

function readActivity(
  profile: string,
  choice: Choice,
  limit: number,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  return data(
    api.GET('/api/v1/profiles/{profile}/activity', {
      params: { path: { profile }, query: { ...choice, limit, cursor } },
      signal,
    }),
  );
}
