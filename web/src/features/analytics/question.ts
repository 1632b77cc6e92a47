/** A question as it is written in the address, and as the server is asked. Pure. */
import type { Schemas } from '../../api/client';
import { type Item, isGroup, toGroup, valueKind, type Where } from '../../ui/condition/condition';
import type { Duration } from '../../ui/DurationInput';

export const QUICK = ['today', 'yesterday', '7d', '30d', '90d', 'thisMonth', 'lastMonth'] as const;
export type Quick = (typeof QUICK)[number];
/** Days as `2026-03-01`, both included. */
export interface Days {
  from: string;
  to: string;
}
export type Range = Quick | Days;

export interface Chosen {
  action: string;
  where?: Where;
  label?: string;
}
export type Measure = 'events' | 'profiles';
export interface ChosenSeries extends Chosen {
  measure?: Measure;
}
export interface Breakdown {
  param?: string;
  attribute?: string;
  top?: number;
}

interface Common {
  range?: Range;
  timezone?: string;
  profile_filter?: Where;
}
export interface FunnelDraft extends Common {
  kind: 'funnel';
  steps: Chosen[];
  /** Null is unlimited, left out is seven days. */
  window?: Duration | null;
  attempt?: 'best' | 'first';
  hold?: string[];
  count?: 'profiles' | 'held_values';
}
export interface TrendDraft extends Common {
  kind: 'trend';
  series: ChosenSeries[];
  interval?: Interval;
  week_start?: Weekday;
  breakdown?: Breakdown;
}
export type Draft = FunnelDraft | TrendDraft;

export const INTERVALS = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];
export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const WEEK: Duration = { value: 7, unit: 'day' };
export const MONTH: Range = '30d';
export const NEW_FUNNEL: FunnelDraft = { kind: 'funnel', steps: [{ action: '' }] };
export const NEW_TREND: TrendDraft = { kind: 'trend', series: [{ action: '' }] };

/** A draft from an address; undefined if it is none. The server judges what is in it. */
export function draftOf(value: unknown): Draft | undefined {
  if (!isObject(value)) return undefined;
  const list = value.kind === 'funnel' ? value.steps : value.kind === 'trend' ? value.series : undefined;
  if (!Array.isArray(list) || !list.every((one) => isObject(one) && typeof one.action === 'string'))
    return undefined;
  const draft = { ...value } as unknown as Draft;
  if (!isRange(draft.range)) delete draft.range;
  if (typeof draft.timezone !== 'string') delete draft.timezone;
  return draft;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isRange = (value: unknown): value is Range =>
  (QUICK as readonly unknown[]).includes(value) ||
  (isObject(value) && typeof value.from === 'string' && typeof value.to === 'string');

/** The other kind of question about the same events. */
export function turned(draft: Draft, kind: Draft['kind']): Draft {
  if (draft.kind === kind) return draft;
  const { range, timezone, profile_filter: filter } = draft;
  const common: Common = {
    ...(range === undefined ? {} : { range }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(filter === undefined ? {} : { profile_filter: filter }),
  };
  const events: Chosen[] = (draft.kind === 'funnel' ? draft.steps : draft.series).map(
    ({ action, where, label }) => ({
      action,
      ...(where === undefined ? {} : { where }),
      ...(label === undefined ? {} : { label }),
    }),
  );
  return kind === 'funnel'
    ? { kind, ...common, steps: events }
    : { kind: 'trend', ...common, series: events.slice(0, 10) };
}

export type Question = Schemas['Funnel-Input'] | Schemas['Trend-Input'];

/** What the server is asked; undefined while something is missing. Events that are not chosen yet are left out. */
export function asked(draft: Draft, present: number, zone: string): Question | undefined {
  const events = (draft.kind === 'funnel' ? draft.steps : draft.series).filter((one) => one.action !== '');
  const timezone = draft.timezone ?? zone;
  if (events.length === 0 || !isComplete(draft.profile_filter)) return undefined;
  if (!events.every((one) => isComplete(one.where))) return undefined;
  const common = {
    ...daysOf(draft.range ?? MONTH, present, timezone),
    timezone,
    profile_filter: (draft.profile_filter ?? null) as never,
  };
  if (draft.kind === 'funnel') {
    const hold = draft.hold ?? [];
    return {
      kind: 'funnel',
      ...common,
      order: 'ordered',
      steps: events as never,
      window: draft.window === undefined ? WEEK : draft.window,
      attempt: draft.attempt ?? 'best',
      hold,
      count: hold.length > 0 ? (draft.count ?? 'profiles') : 'profiles',
    };
  }
  const { breakdown } = draft;
  if (breakdown !== undefined && (breakdown.param ?? breakdown.attribute ?? '') === '') return undefined;
  return {
    kind: 'trend',
    ...common,
    series: events.map((one) => ({ measure: 'events', ...one })) as never,
    interval: draft.interval ?? 'day',
    week_start: draft.week_start ?? 'monday',
    breakdown: (breakdown ?? null) as never,
  };
}

/** Whether every test has a name and a value of the kind that its operator wants. */
export function isComplete(where: Where): boolean {
  return toGroup(where).items.every(isWhole);
}

function isWhole(item: Item): boolean {
  if (isGroup(item)) return item.items.length > 0 && item.items.every(isWhole);
  const { value } = item;
  if ((item.param ?? item.attribute ?? '').trim() === '') return false;
  switch (valueKind(item.op)) {
    case 'number':
      return typeof value === 'number';
    case 'range':
      return Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'number');
    case 'list':
      return Array.isArray(value) && value.length > 0;
    case 'date':
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'duration':
      return isObject(value);
    default:
      return true;
  }
}

/** The days of a range, on the calendar of the zone. */
export function daysOf(range: Range, present: number, zone: string): Days {
  if (typeof range !== 'string') return range;
  const today = dayIn(present, zone);
  const [year = 0, month = 0] = today.split('-').map(Number);
  switch (range) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: shifted(today, -1), to: shifted(today, -1) };
    case '7d':
      return { from: shifted(today, -6), to: today };
    case '30d':
      return { from: shifted(today, -29), to: today };
    case '90d':
      return { from: shifted(today, -89), to: today };
    case 'thisMonth':
      return { from: written(new Date(Date.UTC(year, month - 1, 1))), to: today };
    case 'lastMonth':
      return {
        from: written(new Date(Date.UTC(year, month - 2, 1))),
        to: written(new Date(Date.UTC(year, month - 1, 0))),
      };
  }
}

function dayIn(moment: number, zone: string): string {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(moment);
  } catch {
    // A zone that this browser does not know: the server will have its say.
    return written(new Date(moment));
  }
}

const shifted = (day: string, days: number): string =>
  written(new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000));
const written = (date: Date): string => date.toISOString().slice(0, 10);

/** The list with one of its items in another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return [...items];
  return items.toSpliced(from, 1).toSpliced(to, 0, item);
}
