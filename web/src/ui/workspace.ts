/** The workspace that one is in: its zone, and its present, which in a virtual one is not ours. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../api/client';

export const workspaceQuery = queryOptions({
  queryKey: ['workspace'],
  queryFn: ({ signal }) => data(api.GET('/api/v1/workspace', { signal })),
  staleTime: 30_000,
});

/** The present in the workspace, in milliseconds; undefined until it is known. */
export function usePresent(): number | undefined {
  const { data: here } = useQuery(workspaceQuery);
  if (here === undefined) return undefined;
  return here.clock === 'virtual' ? Date.parse(here.now) : Date.now();
}

/** The present when the component was first drawn: what "the last 7 days" is counted from as long as one looks. */
export function useOpened(): number | undefined {
  const { data: here } = useQuery(workspaceQuery);
  const [opened] = useState(Date.now);
  if (here === undefined) return undefined;
  return here.clock === 'virtual' ? Date.parse(here.now) : opened;
}
