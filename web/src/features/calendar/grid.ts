/** The hours of the calendar as days and hours of a time zone. Pure. */
export interface DueHour {
  at: string;
  timers: number;
}

export interface Cell {
  /** Begin of the hour. */
  at: string;
  timers: number;
}

export interface Day {
  /** `2026-03-01`, in the zone. */
  key: string;
  /** Some moment of it. */
  at: number;
  /** One for each hour of a day's clock; undefined where the day has none, or it lies outside of the period. */
  cells: Array<Cell | undefined>;
  total: number;
}

const HOUR = 3_600_000;

/**
 * The days of [since, until) with their hours. In an hour that the clock shows twice, the timers of both are together;
 * one that it leaves out has no cell.
 */
export function daysOf(hours: readonly DueHour[], since: string, until: string, timeZone: string): Day[] {
  const timers = new Map(hours.map((hour) => [Date.parse(hour.at), hour.timers]));
  const parts = partsIn(timeZone);
  const days = new Map<string, Day>();
  for (let at = Date.parse(since); at < Date.parse(until); at += HOUR) {
    const { key, hour } = parts(at);
    let day = days.get(key);
    if (day === undefined) {
      day = { key, at, cells: Array.from({ length: 24 }, () => undefined), total: 0 };
      days.set(key, day);
    }
    const number = timers.get(at) ?? 0;
    const before = day.cells[hour];
    day.cells[hour] =
      before === undefined
        ? { at: new Date(at).toISOString(), timers: number }
        : { ...before, timers: before.timers + number };
    day.total += number;
  }
  return [...days.values()];
}

function partsIn(timeZone: string): (at: number) => { key: string; hour: number } {
  let format: Intl.DateTimeFormat;
  const wanted = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  } as const;
  try {
    format = new Intl.DateTimeFormat('en', { ...wanted, timeZone });
  } catch {
    format = new Intl.DateTimeFormat('en', { ...wanted, timeZone: 'UTC' });
  }
  return (at) => {
    const found = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return { key: `${found.year}-${found.month}-${found.day}`, hour: Number(found.hour) };
  };
}

/** How dark a cell is, 0 to 5: by a root, so that a quiet hour beside a busy one can still be seen. */
export function shade(timers: number, most: number): number {
  if (timers <= 0 || most <= 0) return 0;
  return Math.max(1, Math.ceil(5 * Math.sqrt(timers / most)));
}
