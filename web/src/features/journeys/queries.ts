/** What the screens of journeys ask the server, and what they have it do. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import { journeysQuery } from '../../ui/journeys';

export type JourneyBrief = Schemas['JourneyBrief'];
export type Journey = Schemas['Journey'];
export type Issue = Schemas['FoundIssue'];
export type Statistics = Schemas['Statistics'];
export type Switch = Schemas['Switch'];

export { journeysQuery };

export const nodeTypesQuery = queryOptions({
  queryKey: ['node-types'],
  queryFn: ({ signal }) => data(api.GET('/api/v1/node-types', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const journeyQuery = (id: string) =>
  queryOptions({
    queryKey: ['journey', id],
    queryFn: ({ signal }) => data(api.GET('/api/v1/journeys/{id}', { params: { path: { id } }, signal })),
  });

export const statisticsQuery = (id: string) =>
  queryOptions({
    queryKey: ['statistics', id],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/journeys/{id}/statistics', { params: { path: { id } }, signal })),
    refetchInterval: 2_000,
  });

export function useCreateJourney() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['Definition-Input']) => data(api.POST('/api/v1/journeys', { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: journeysQuery.queryKey }),
  });
}

export function useDuplicateJourney() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      data(api.POST('/api/v1/journeys/{id}/duplicate', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: journeysQuery.queryKey }),
  });
}

export function useDeleteJourney() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE('/api/v1/journeys/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: journeysQuery.queryKey }),
  });
}
