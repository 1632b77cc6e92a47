/** What the address of a card says: which of its events are shown. */
export type Family = 'moves' | 'messages';
export type Period = 'day' | 'week' | 'month';

export interface CardSearch {
  family?: Family;
  actions?: string[];
  period?: Period;
  /** Days as `2026-03-01`, both included; instead of a period. */
  from?: string;
  to?: string;
  /** Moves of one run of a journey, and what it brought about. */
  run?: string;
}

const FAMILIES: readonly unknown[] = ['moves', 'messages'];
const PERIODS: readonly unknown[] = ['day', 'week', 'month'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function cardSearch(search: Record<string, unknown>): CardSearch {
  const { family, actions, period, from, to, run } = search;
  const found: CardSearch = {};
  if (FAMILIES.includes(family)) found.family = family as Family;
  if (Array.isArray(actions) && actions.length > 0 && actions.every((one) => typeof one === 'string'))
    found.actions = actions;
  if (PERIODS.includes(period)) found.period = period as Period;
  else {
    if (typeof from === 'string' && DAY.test(from)) found.from = from;
    if (typeof to === 'string' && DAY.test(to)) found.to = to;
  }
  if (typeof run === 'string' && run !== '') found.run = run;
  return found;
}

const OURS = ['family', 'actions', 'period', 'from', 'to', 'run'] as const;
export const isFiltered = (search: CardSearch): boolean => OURS.some((name) => search[name] !== undefined);
