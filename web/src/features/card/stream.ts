/** The activity as it is read: days, in them events, and the moves of one run together. Pure. */
import type { Activity, Stream } from './queries';

/** All moves of one run on one day, newest first; it stands where its newest move stands. */
export interface RunOfDay {
  run: string;
  journey: string | null;
  name: string;
  moves: Activity[];
}
export type Item = Activity | RunOfDay;
export interface Day {
  /** As `2026-03-01`, in the reader's zone. */
  day: string;
  items: Item[];
}

export const isRun = (item: Item): item is RunOfDay => 'moves' in item;
export const isMove = (event: Activity): boolean => event.action in MOVE_KINDS && event.run !== null;

export const MOVE_KINDS = {
  'automation.clientStartPath': 'start',
  'automation.clientPathStep': 'step',
  'automation.clientEndPath': 'end',
  'automation.clientPathExit': 'exit',
} as const;
export type MoveKind = (typeof MOVE_KINDS)[keyof typeof MOVE_KINDS];
export const moveKind = (event: Activity): MoveKind =>
  MOVE_KINDS[event.action as keyof typeof MOVE_KINDS] ?? 'step';

/** The day of an instant on the reader's calendar. */
export function dayOf(at: string | number): string {
  const moment = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** Events, newest first, by day; `together`: moves of one run are one item. */
export function days(events: readonly Activity[], together = true): Day[] {
  const found: Day[] = [];
  let runs = new Map<string, RunOfDay>();
  for (const event of events) {
    const day = dayOf(event.time);
    let last = found.at(-1);
    if (last?.day !== day) {
      last = { day, items: [] };
      found.push(last);
      runs = new Map();
    }
    if (!together || !isMove(event) || event.run === null) {
      last.items.push(event);
      continue;
    }
    const known = runs.get(event.run);
    if (known !== undefined) known.moves.push(event);
    else {
      const name = textParam(event, 'journeyName');
      const run = { run: event.run, journey: event.journey, name, moves: [event] };
      runs.set(event.run, run);
      last.items.push(run);
    }
  }
  return found;
}

export interface Stop {
  id: string;
  title: string;
  time: string;
  kind: MoveKind;
  reason: string;
}

/** The ways that a run's paths took, each from its begin on; paths in the order in which they first moved. */
export function ways(run: RunOfDay): Stop[][] {
  const paths = new Map<string, Stop[]>();
  for (const move of run.moves.toReversed()) {
    const path = textParam(move, 'pathId');
    const stops = paths.get(path) ?? [];
    paths.set(path, stops);
    stops.push({
      id: move.id,
      title: textParam(move, 'nodeName') || (move.node ?? ''),
      time: move.time,
      kind: moveKind(move),
      reason: textParam(move, 'reason'),
    });
  }
  return [...paths.values()];
}

export function textParam(event: Activity, name: string): string {
  const value = event.params[name];
  return typeof value === 'string' ? value : '';
}

/** What the stream shows, newest first. */
export const eventsOf = (stream: Stream | undefined): Activity[] =>
  stream?.pages.flatMap((page) => page.events) ?? [];

/** Those of the newest events that are not in the stream. */
export function unseen(stream: Stream | undefined, newest: readonly Activity[]): Activity[] {
  if (stream === undefined) return [];
  const known = new Set<string>();
  // As many as the newest can reach down to, and those of the same instant.
  const until = newest.at(-1)?.time ?? '';
  for (const event of eventsOf(stream)) {
    if (event.time < until) break;
    known.add(event.id);
  }
  return newest.filter((event) => !known.has(event.id));
}

/** The stream with events put in where they belong. */
export function withNews(stream: Stream, news: readonly Activity[]): Stream {
  const [first, ...rest] = stream.pages;
  if (first === undefined) return stream;
  const events = [...news, ...first.events].sort(newestFirst);
  return { ...stream, pages: [{ ...first, events }, ...rest] };
}

function newestFirst(one: Activity, other: Activity): number {
  if (one.time !== other.time) return one.time < other.time ? 1 : -1;
  return other.position - one.position;
}

const AT_MOST = 3;
const HIDDEN = new Set([
  'causeRunId',
  'depth',
  'journeyId',
  'journeyVersion',
  'runId',
  'pathId',
  'nodeId',
  'messageId',
]);

/** The params that say most at a glance: the first few that are plain values. */
export function highlights(params: Readonly<Record<string, unknown>>): Array<readonly [string, unknown]> {
  return Object.entries(params)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null && typeof value !== 'object')
    .slice(0, AT_MOST);
}

const BLOCK = 40;

/** Items in blocks of a size that can be drawn at once. */
export function blocks(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / BLOCK) }, (_, index) =>
    items.slice(index * BLOCK, (index + 1) * BLOCK),
  );
}

export const keyOf = (item: Item): string => (isRun(item) ? `run ${item.run}` : item.id);

/** Equal for two items exactly when they look the same. */
export const looks = (item: Item): string =>
  isRun(item) ? `${item.run} ${item.moves[0]?.id} ${item.moves.at(-1)?.id} ${item.moves.length}` : item.id;
