import { describe, expect, test } from 'vitest';
import type { Where } from '../../ui/condition/condition';
import { asked, type Draft, daysOf, draftOf, isComplete, moved, turned } from './question';
import { analyticsSearch } from './search';

const NOW = Date.parse('2026-03-01T02:30:00Z');
const funnel = (more: object = {}): Draft => ({
  kind: 'funnel',
  steps: [{ action: 'a' }, { action: 'b' }],
  ...more,
});

describe('dates are those of the zone (D-5)', () => {
  test.each([
    ['today', 'UTC', '2026-03-01', '2026-03-01'],
    ['today', 'America/New_York', '2026-02-28', '2026-02-28'],
    ['yesterday', 'UTC', '2026-02-28', '2026-02-28'],
    ['7d', 'UTC', '2026-02-23', '2026-03-01'],
    ['30d', 'Pacific/Kiritimati', '2026-01-31', '2026-03-01'],
    ['90d', 'UTC', '2025-12-02', '2026-03-01'],
    ['thisMonth', 'UTC', '2026-03-01', '2026-03-01'],
    ['thisMonth', 'America/New_York', '2026-02-01', '2026-02-28'],
    ['lastMonth', 'UTC', '2026-02-01', '2026-02-28'],
    ['lastMonth', 'America/New_York', '2026-01-01', '2026-01-31'],
  ] as const)('%s in %s', (range, zone, from, to) => {
    expect(daysOf(range, NOW, zone)).toEqual({ from, to });
  });

  test('chosen days stay what they are', () => {
    expect(daysOf({ from: '2026-01-01', to: '2026-01-31' }, NOW, 'UTC')).toEqual({
      from: '2026-01-01',
      to: '2026-01-31',
    });
  });
});

describe('what the server is asked', () => {
  test('has every default written out', () => {
    expect(asked(funnel(), NOW, 'Europe/Warsaw')).toEqual({
      kind: 'funnel',
      from: '2026-01-31',
      to: '2026-03-01',
      timezone: 'Europe/Warsaw',
      profile_filter: null,
      order: 'ordered',
      steps: [{ action: 'a' }, { action: 'b' }],
      window: { value: 7, unit: 'day' },
      attempt: 'best',
      hold: [],
      count: 'profiles',
    });
  });

  test('no window is unlimited; values are counted only where something is held', () => {
    expect(asked(funnel({ window: null, count: 'held_values' }), NOW, 'UTC')).toMatchObject({
      window: null,
      count: 'profiles',
    });
    expect(asked(funnel({ hold: ['runId'], count: 'held_values' }), NOW, 'UTC')).toMatchObject({
      count: 'held_values',
    });
  });

  test('steps that are not chosen are left out; without any there is no question', () => {
    const draft = funnel({ steps: [{ action: '' }, { action: 'b' }] });
    expect(asked(draft, NOW, 'UTC')).toMatchObject({ steps: [{ action: 'b' }] });
    expect(asked(funnel({ steps: [{ action: '' }] }), NOW, 'UTC')).toBeUndefined();
  });

  test('a condition or a breakdown on its way is not sent', () => {
    const where = [{ param: 'total', op: 'greater', value: '' }];
    expect(asked(funnel({ steps: [{ action: 'a', where }] }), NOW, 'UTC')).toBeUndefined();
    expect(asked(funnel({ profile_filter: where }), NOW, 'UTC')).toBeUndefined();
    const trend = { kind: 'trend', series: [{ action: 'a' }], breakdown: { param: '' } } as const;
    expect(asked({ ...trend, series: [...trend.series] }, NOW, 'UTC')).toBeUndefined();
  });

  test('a trend counts events by day unless told otherwise', () => {
    expect(asked({ kind: 'trend', series: [{ action: 'a' }] }, NOW, 'UTC')).toMatchObject({
      series: [{ action: 'a', measure: 'events' }],
      interval: 'day',
      breakdown: null,
    });
  });
});

test.each<[string, unknown, boolean]>([
  ['nothing', null, true],
  ['without a name', [{ param: '', op: 'exists' }], false],
  ['an empty group', [{ any: [] }], false],
  ['an empty text can be equal', [{ param: 'a', op: 'equal', value: '' }], true],
  ['an empty text begins nothing', [{ param: 'a', op: 'starts_with', value: '' }], false],
  ['half a range', [{ param: 'a', op: 'between', value: [1, ''] }], false],
  ['a range', [{ param: 'a', op: 'between', value: [1, 2] }], true],
  ['an empty list', [{ param: 'a', op: 'in', value: [] }], false],
  ['inside a group', { any: [{ not: { attribute: '', op: 'is_true' } }] }, false],
])('a condition is complete: %s', (_, where, expected) => {
  expect(isComplete(where as Where)).toBe(expected);
});

describe('the address carries the question', () => {
  test('and who is behind a number of it', () => {
    const q = funnel({ range: '7d', window: null, hold: ['runId'] });
    const who = { kind: 'funnel', step: 2, state: 'dropped' };
    expect(analyticsSearch({ q, who })).toEqual({ q, who });
    expect(analyticsSearch({ q, who: { kind: 'trend' } })).toEqual({ q });
  });

  test.each([
    [undefined],
    ['text'],
    [{}],
    [{ kind: 'funnel' }],
    [{ kind: 'paths', steps: [] }],
    [{ kind: 'trend', series: [{}] }],
  ])('what is no question is none: %j', (q) => {
    expect(draftOf(q)).toBeUndefined();
  });

  test('a range that is none is left out', () => {
    expect(draftOf({ ...funnel(), range: 'sometimes' })).toEqual(funnel());
  });
});

test('a funnel becomes a trend of the same events, and back', () => {
  const draft = funnel({ range: '7d', hold: ['x'], steps: [{ action: 'a', label: 'A' }] });
  const trend = turned(draft, 'trend');
  expect(trend).toEqual({ kind: 'trend', range: '7d', series: [{ action: 'a', label: 'A' }] });
  expect(turned(trend, 'funnel')).toEqual({
    kind: 'funnel',
    range: '7d',
    steps: [{ action: 'a', label: 'A' }],
  });
  expect(turned(draft, 'funnel')).toBe(draft);
});

test('items move', () => {
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
});
