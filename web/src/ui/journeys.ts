/** The journeys of the workspace: their list, and those that one may choose from. */
import { queryOptions } from '@tanstack/react-query';
import { api, data } from '../api/client';

export const journeysQuery = queryOptions({
  queryKey: ['journeys'],
  queryFn: ({ signal }) => data(api.GET('/api/v1/journeys', { signal })),
  refetchInterval: 5_000,
});
