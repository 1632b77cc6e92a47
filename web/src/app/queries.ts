/** The cache of what the server said. Errors are shown where the data would be; changes that fail are told in a notice. */
import { MutationCache, QueryClient } from '@tanstack/react-query';
import { connection } from '../api/connection';
import { ApiError } from '../api/errors';
import { workspace } from '../api/session';
import { tellError } from '../ui/notices';

declare module '@tanstack/react-query' {
  interface Register {
    /** `quiet`: whoever starts the change shows its error. */
    mutationMeta: { quiet?: boolean };
  }
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
  mutationCache: new MutationCache({
    onError: (error, _values, _context, mutation) => {
      if (mutation.meta?.quiet !== true) tellError(error);
    },
  }),
});

connection.subscribe(() => {
  if (connection.get() === 'there') void queries.invalidateQueries();
});
workspace.subscribe(() => queries.clear());
