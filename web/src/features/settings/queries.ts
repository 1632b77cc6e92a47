/** What the settings ask the server, and what they have it do. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import { readSession } from '../../api/session';
import { workspaceQuery } from '../../ui/workspace';

export type Key = Schemas['Key'];
export type ShownKey = Schemas['ShownKey'];
export type Workspace = Schemas['Workspace'];
export type NewWorkspace = Schemas['NewWorkspace'];

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => data(api.GET('/api/v1/keys', { signal })),
});

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: ({ signal }) => data(api.GET('/api/v1/workspaces', { signal })),
});

export function useMakeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => data(api.POST('/api/v1/keys', { body: { name } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
    meta: { quiet: true },
  });
}

export function useMakeWorkspace() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewWorkspace) => data(api.POST('/api/v1/workspaces', { body })),
    // The session lists the workspaces that one may open.
    onSuccess: () =>
      Promise.all([queries.invalidateQueries({ queryKey: workspacesQuery.queryKey }), readSession()]),
    meta: { quiet: true },
  });
}

export function useChangeWorkspace() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['WorkspaceChange']) => data(api.PATCH('/api/v1/workspace', { body })),
    onSuccess: (workspace) => queries.setQueryData(workspaceQuery.queryKey, workspace),
    onSettled: () => queries.invalidateQueries({ queryKey: workspaceQuery.queryKey }),
  });
}

export function useDeleteWorkspace() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name }: { name: string; leave: () => Promise<void> }) =>
      data(api.DELETE('/api/v1/workspaces/{name}', { params: { path: { name } } })),
    // One leaves it first: nothing of it shall be asked for any more.
    onSuccess: async (_gone, { leave }) => {
      await leave();
      await Promise.all([queries.invalidateQueries({ queryKey: workspacesQuery.queryKey }), readSession()]);
    },
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: Schemas['PasswordChange']) => data(api.PUT('/api/v1/session/password', { body })),
    // It gives the session another token.
    onSuccess: readSession,
    meta: { quiet: true },
  });
}
