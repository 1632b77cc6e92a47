/** What the ledger asks the server, and what people have it do. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import { t } from '../../app/messages';
import { tell } from '../../ui/notices';
import type { choiceOf } from './search';

export type Effect = Schemas['Effect'];
export type WholeEffect = Schemas['WholeEffect'];
export type Report = Schemas['Report'];
export type Decision = Schemas['Verdict']['decision'];
type Choice = ReturnType<typeof choiceOf>;

const PAGE = 50;
const EVERY = 5_000;

export const effectsQuery = (choice: Choice) =>
  infiniteQueryOptions({
    queryKey: ['effects', choice],
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET('/api/v1/effects', {
          params: { query: { ...choice, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Schemas['Effects']) => page.next ?? undefined,
    refetchInterval: EVERY,
  });

export const reportQuery = queryOptions({
  queryKey: ['effects-report'],
  queryFn: ({ signal }) => data(api.GET('/api/v1/effects/report', { signal })),
  refetchInterval: EVERY,
});

export const effectQuery = (id: string) =>
  queryOptions({
    queryKey: ['effect', id],
    queryFn: ({ signal }) => data(api.GET('/api/v1/effects/{id}', { params: { path: { id } }, signal })),
    refetchInterval: EVERY,
  });

export function useDecide(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (decision: Decision) =>
      data(api.POST('/api/v1/effects/{id}/decision', { params: { path: { id } }, body: { decision } })),
    // Here, and not where it is asked for: with the decision those buttons are gone.
    onSuccess: (effect, decision) => {
      queries.setQueryData(effectQuery(id).queryKey, effect);
      tell(t(`effect.decided.${decision}`));
    },
    onSettled: () =>
      Promise.all(
        ['effects', 'effects-report', 'effect'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      ),
  });
}
