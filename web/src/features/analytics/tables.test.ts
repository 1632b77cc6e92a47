import { describe, expect, test } from 'vitest';
import { funnelChart, funnelPlace, trendChart, trendPlace } from './charts';
import type { FunnelAnswer, TrendAnswer } from './queries';
import { funnelTable, lineNames, looksBackwards, membersTitle, trendTable } from './tables';

const common = {
  from: '2026-03-01',
  to: '2026-03-02',
  timezone: 'UTC',
  profile_filter: null,
  at: null,
  as_of: 9,
};
const timing = (median: number | null) => ({ mean: median, median });

function funnel(...counts: Array<[count: number, open: number]>): FunnelAnswer {
  const base = counts[0]?.[0] ?? 0;
  return {
    kind: 'funnel',
    question: {
      kind: 'funnel',
      ...common,
      order: 'ordered',
      steps: [],
      window: null,
      attempt: 'best',
      hold: [],
      count: 'profiles',
    },
    steps: counts.map(([count, open], index) => ({
      label: `s${index + 1}`,
      count,
      from_start: base === 0 ? null : count / base,
      from_previous: null,
      in_progress: open,
      dropped: count - open - (counts[index + 1]?.[0] ?? count - open),
      seconds_from_start: timing(null),
      seconds_from_previous: timing(index === 0 ? null : 60),
    })),
  };
}

function trend(series: number, ...lines: TrendAnswer['lines']): TrendAnswer {
  return {
    kind: 'trend',
    question: {
      kind: 'trend',
      ...common,
      series: Array.from({ length: series }, () => ({ action: 'a', measure: 'events' as const })),
      interval: 'day',
      week_start: 'monday',
      breakdown: null,
    },
    intervals: ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
    lines,
  };
}
const line = (label: string, group: TrendAnswer['lines'][number]['group'], values: number[], at = 0) => ({
  series: at,
  label,
  group,
  values,
  total: values.reduce((sum, value) => sum + value, 0),
});
const colours = {
  text: '',
  dim: '',
  line: '',
  surface: '',
  accent: '',
  onAccent: '',
  soft: '',
  font: '',
};

describe('the table says what the answer says', () => {
  test('of a funnel', () => {
    expect(funnelTable(funnel([10, 2], [6, 0]))).toEqual([
      [
        'Step',
        'Profiles',
        'From start',
        'From previous',
        'In progress',
        'Dropped',
        'Median time (s)',
        'Mean time (s)',
      ],
      ['1. s1', 10, 1, null, 2, 2, null, null],
      ['2. s2', 6, 0.6, null, 0, 0, 60, 60],
    ]);
  });

  test('of a trend, with the total of the whole range', () => {
    expect(trendTable(trend(1, line('Orders', { kind: 'all' }, [1, 2])))).toEqual([
      ['From', 'Orders'],
      ['2026-03-01T00:00:00.000Z', 1],
      ['2026-03-02T00:00:00.000Z', 2],
      ['Whole range', 3],
    ]);
  });
});

test('groups are told apart from values that are called like them', () => {
  const groups = [
    line('Orders', { kind: 'value', value: true }, []),
    line('Orders', { kind: 'none' }, []),
    line('Orders', { kind: 'other' }, []),
  ];
  expect(lineNames(trend(1, ...groups))).toEqual(['Yes', '(none)', 'other']);
  expect(lineNames(trend(2, ...groups))).toEqual(['Orders: Yes', 'Orders: (none)', 'Orders: other']);
});

describe('a bar of the funnel', () => {
  const answer = funnel([10, 1], [6, 2], [3, 0]);

  test('is as high as the step before: reached, still open, dropped', () => {
    const { series } = funnelChart(answer, colours) as { series: Array<{ data: unknown[] }> };
    expect(series.map(({ data }) => data)).toEqual([
      [1, 0.6, 0.3],
      [null, 0.1, 0.2],
      [null, 0.3, 0.1],
    ]);
  });

  test('leads to those it stands for', () => {
    expect(funnelPlace(0, 1)).toEqual({ kind: 'funnel', step: 2, state: 'reached' });
    expect(funnelPlace(2, 1)).toEqual({ kind: 'funnel', step: 1, state: 'dropped' });
    expect(membersTitle(answer, { kind: 'funnel', step: 1, state: 'dropped' })).toBe(
      'Dropped after step 1, s1',
    );
    expect(membersTitle(answer, { kind: 'funnel', step: 9, state: 'dropped' })).toBeUndefined();
  });
});

describe('a point of the trend', () => {
  const answer = trend(
    2,
    line('Orders', { kind: 'value', value: 'gold' }, [1, 2]),
    line('Visits', { kind: 'value', value: 'gold' }, [3, 4], 1),
  );

  test('leads to those it stands for', () => {
    const who = trendPlace(answer, answer.lines[1] as TrendAnswer['lines'][number], 1);
    expect(who).toEqual({
      kind: 'trend',
      series: 1,
      group: { kind: 'value', value: 'gold' },
      interval: '2026-03-02T00:00:00.000Z',
    });
    expect(membersTitle(answer, who)).toMatch(/^Visits: gold, .*2/);
    expect(
      membersTitle(answer, { kind: 'trend', series: 0, group: { kind: 'value', value: 'none' } }),
    ).toBeUndefined();
  });

  test('is drawn only for lines that are shown', () => {
    const shown = [{ line: answer.lines[1] as TrendAnswer['lines'][number], name: 'Visits', colour: '#000' }];
    const { series } = trendChart(answer, shown, colours) as { series: Array<{ data: unknown[] }> };
    expect(series.map(({ data }) => data)).toEqual([[3, 4]]);
  });
});

test('a funnel that loses nobody may be in the wrong order', () => {
  expect(looksBackwards(funnel([100, 0], [99, 0], [98, 0]))).toBe(true);
  expect(looksBackwards(funnel([100, 0], [99, 0], [90, 0]))).toBe(false);
  expect(looksBackwards(funnel([3, 0], [3, 0], [3, 0]))).toBe(false);
});
