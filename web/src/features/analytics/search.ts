/** What the address of a question says: the whole question, and behind which of its numbers one looks. */
import type { Schemas } from '../../api/client';
import { type Draft, draftOf } from './question';

export type Members = Schemas['FunnelMembers'] | Schemas['TrendMembers'];

export interface AnalyticsSearch {
  q?: Draft;
  who?: Members;
}

export function analyticsSearch(search: Record<string, unknown>): AnalyticsSearch {
  const q = draftOf(search.q);
  if (q === undefined) return {};
  const who = membersOf(search.who, q.kind);
  return who === undefined ? { q } : { q, who };
}

function membersOf(value: unknown, kind: Draft['kind']): Members | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== kind)
    return undefined;
  return value as Members;
}
