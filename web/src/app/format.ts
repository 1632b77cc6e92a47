/** Numbers, dates and lengths of time as people read them, by the browser's locale. */
import { locale } from './locale';
import { t } from './messages';

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
const dayAndTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const precise = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' });

const STEPS: ReadonlyArray<readonly [Intl.RelativeTimeFormatUnit, number]> = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

export type Moment = string | number | Date;

export const number = (value: number): string => whole.format(value);
/** `value` is a share: 0.412 reads 41.2 %. */
export const percent = (value: number): string => share.format(value);
export const date = (at: Moment): string => day.format(new Date(at));
export const dateTime = (at: Moment): string => dayAndTime.format(new Date(at));
export const preciseTime = (at: Moment): string => precise.format(new Date(at));
export const time = (at: Moment): string => clock.format(new Date(at));

/** Writes moments in parts of choice, on the calendar of a zone; of one that the browser does not know, on its own. */
export function momentWriter(parts: Intl.DateTimeFormatOptions, timeZone: string): (at: Moment) => string {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat(locale, { ...parts, timeZone });
  } catch {
    format = new Intl.DateTimeFormat(locale, parts);
  }
  return (at) => format.format(new Date(at));
}

/** How long ago, or in how long, in the largest unit that fits. */
export function ago(at: Moment, now: number = Date.now()): string {
  const difference = new Date(at).getTime() - now;
  for (const [unit, length] of STEPS) {
    if (Math.abs(difference) >= length) return relative.format(Math.round(difference / length), unit);
  }
  return relative.format(0, 'second');
}

export type Unit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** `{value: 2, unit: 'hour'}` reads "2 hours". */
export function duration(length: { value: number; unit: Unit }): string {
  return t(`unit.${length.unit}`, { count: length.value });
}

/** Milliseconds as the two largest units: "4 min 12 s". */
export function span(milliseconds: number): string {
  const parts: string[] = [];
  let rest = Math.round(milliseconds / 1_000) * 1_000;
  for (const [unit, length] of STEPS) {
    const count = Math.floor(rest / length);
    if (count > 0) {
      parts.push(new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count));
      rest -= count * length;
    }
    if (parts.length === 2) break;
  }
  return parts.length > 0
    ? parts.join(' ')
    : new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'short' }).format(0);
}
