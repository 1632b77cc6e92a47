import { expect, test } from 'vitest';
import { daysOf, shade } from './grid';

const hour = (at: string, timers: number) => ({ at, timers });

test('hours stand in the days of the zone', () => {
  const days = daysOf(
    [hour('2026-03-06T08:00:00.000Z', 7), hour('2026-03-06T23:00:00.000Z', 2)],
    '2026-03-06T07:00:00.000Z',
    '2026-03-07T07:00:00.000Z',
    'Europe/Warsaw',
  );
  expect(days.map(({ key, total }) => [key, total])).toEqual([
    ['2026-03-06', 7],
    ['2026-03-07', 2],
  ]);
  expect(days[0]?.cells[9]).toEqual({ at: '2026-03-06T08:00:00.000Z', timers: 7 });
  expect(days[0]?.cells[7]).toBeUndefined();
  expect(days[1]?.cells[0]?.timers).toBe(2);
});

test('an hour that the clock leaves out has no cell, and one that it shows twice has both', () => {
  const spring = daysOf([], '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 'Europe/Warsaw');
  expect(spring).toHaveLength(1);
  expect(spring[0]?.cells[2]).toBeUndefined();
  const autumn = daysOf(
    [hour('2026-10-25T00:00:00.000Z', 3), hour('2026-10-25T01:00:00.000Z', 4)],
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
    'Europe/Warsaw',
  );
  expect(autumn[0]?.cells[2]).toEqual({ at: '2026-10-25T00:00:00.000Z', timers: 7 });
});

test('a zone that the browser does not know is read as UTC', () => {
  const [day] = daysOf([], '2026-03-06T07:00:00.000Z', '2026-03-06T08:00:00.000Z', 'Mars/Base');
  expect(day?.cells[7]?.timers).toBe(0);
});

test('a quiet hour beside a busy one can be seen', () => {
  expect([0, 1, 100, 400, 1_000].map((timers) => shade(timers, 1_000))).toEqual([0, 1, 2, 4, 5]);
  expect(shade(0, 0)).toBe(0);
});
