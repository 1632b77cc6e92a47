/** What there is to choose from: actions, their params, attributes (D-2.9). Pickers suggest; any name may be typed. */
import { queryOptions } from '@tanstack/react-query';
import { api, data, type Schemas } from '../api/client';

export type SeenAction = Schemas['ActionOf'];
export type KnownName = Schemas['Name'];

export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  queryFn: ({ signal }) => data(api.GET('/api/v1/catalogue', { signal })),
  staleTime: 30_000,
});

export const paramsQuery = (action: string) =>
  queryOptions({
    queryKey: ['catalogue', action],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/catalogue/actions/{action}', { params: { path: { action } }, signal })),
    enabled: action !== '',
    staleTime: 30_000,
  });
