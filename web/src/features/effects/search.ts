/** What the address of the ledger says: which effects are shown, and which one is open. */
export const STATES = ['pending', 'sending', 'sent', 'failed', 'skipped', 'uncertain'] as const;
export const CHANNELS = ['email', 'webhook'] as const;
export const PERIODS = ['day', 'week', 'month'] as const;

export type State = (typeof STATES)[number];
export type Channel = (typeof CHANNELS)[number];
export type Period = (typeof PERIODS)[number];

export interface EffectsSearch {
  state?: State;
  channel?: Channel;
  journey?: string;
  /** Only with a journey. */
  node?: string;
  profile?: number;
  period?: Period;
  effect?: string;
}

export function effectsSearch(search: Record<string, unknown>): EffectsSearch {
  const { journey, node, profile, effect } = search;
  const found: EffectsSearch = {};
  const state = among(STATES, search.state);
  const channel = among(CHANNELS, search.channel);
  const period = among(PERIODS, search.period);
  if (state !== undefined) found.state = state;
  if (channel !== undefined) found.channel = channel;
  if (period !== undefined) found.period = period;
  if (typeof journey === 'string' && journey !== '') {
    found.journey = journey;
    if (typeof node === 'string' && node !== '') found.node = node;
  }
  if (typeof profile === 'number' && Number.isSafeInteger(profile) && profile > 0) found.profile = profile;
  if (typeof effect === 'string' && effect !== '') found.effect = effect;
  return found;
}

const among = <T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((one) => one === value);

const FILTERS = ['state', 'channel', 'journey', 'node', 'profile', 'period'] as const;
export const isFiltered = (search: EffectsSearch): boolean =>
  FILTERS.some((name) => search[name] !== undefined);

const LENGTHS = { day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;

/** What the server is asked; a period begins at a whole minute, so that the same address is the same question. */
export function choiceOf(search: EffectsSearch, present: number) {
  // The address says more than this: which workspace, and which effect is open.
  const { state, channel, journey, node, profile, period } = search;
  const minute = Math.floor(present / 60_000) * 60_000;
  return {
    state,
    channel,
    journey,
    node,
    profile,
    since: period === undefined ? undefined : new Date(minute - LENGTHS[period]).toISOString(),
  };
}
