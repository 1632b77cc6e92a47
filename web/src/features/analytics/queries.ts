/** What analytics asks the server. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import type { Question } from './question';
import type { Members } from './search';

/** In an answer nothing is left to be understood: its kind and every setting of its question are written out. */
type WrittenOut<T extends { question: object }, K> = Omit<T, 'kind' | 'question'> & {
  kind: K;
  question: Required<T['question']>;
};
export type FunnelAnswer = WrittenOut<Schemas['FunnelAnswer'], 'funnel'>;
export type TrendAnswer = WrittenOut<Schemas['TrendAnswer'], 'trend'>;
export type Answer = FunnelAnswer | TrendAnswer;
export type Person = Schemas['Label'];

const PAGE = 100;
const MOST_IN_A_PAGE = 1_000;

export const answerQuery = (question: Question | undefined) =>
  queryOptions({
    queryKey: ['answer', question],
    queryFn: async ({ signal }): Promise<Answer> =>
      (await data(api.POST('/api/v1/query', { body: question as Question, signal }))) as Answer,
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
    // An answer is as of its moment: it is computed again when one asks for it.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export const membersQuery = (question: Answer['question'], members: Members) =>
  infiniteQueryOptions({
    queryKey: ['members', question, members],
    queryFn: ({ pageParam, signal }) => readMembers(question, members, pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: (page: Schemas['FoundProfiles']) => page.next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

function readMembers(
  question: Answer['question'],
  members: Members,
  after: number,
  limit: number,
  signal?: AbortSignal,
) {
  return data(
    api.POST('/api/v1/query/profiles', {
      body: { question: question as Question, members, after, limit },
      signal,
    }),
  );
}

/** Everybody behind a number. */
export async function readAllMembers(question: Answer['question'], members: Members): Promise<Person[]> {
  const people: Person[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page: Schemas['FoundProfiles'] = await readMembers(question, members, after, MOST_IN_A_PAGE);
    people.push(...page.profiles);
    after = page.next;
  }
  return people;
}
