import { describe, expect, test } from 'vitest';
import type { Activity, Stream } from './queries';
import { choiceOf } from './queries';
import { cardSearch } from './search';
import { blocks, days, highlights, isRun, looks, unseen, ways, withNews } from './stream';

let position = 0;
function event(time: string, fields: Partial<Activity> = {}): Activity {
  position += 1;
  return {
    id: `e${position}`,
    action: 'page.visit',
    label: '',
    time,
    received_at: time,
    position,
    source: 'api',
    journey: null,
    node: null,
    run: null,
    tracked: true,
    params: {},
    why: null,
    ...fields,
  };
}

function move(
  time: string,
  node: string,
  more: Partial<Activity> = {},
  params: Record<string, unknown> = {},
) {
  return event(time, {
    action: 'automation.clientPathStep',
    journey: 'j',
    run: 'r',
    node,
    params: { nodeName: node.toUpperCase(), pathId: 'p', journeyName: 'Cart', ...params },
    ...more,
  });
}

const local = (day: string, clock: string) => new Date(`${day}T${clock}`).toISOString();
const stream = (...pages: Activity[][]): Stream => ({
  pages: pages.map((events) => ({ events, next: null })),
  pageParams: pages.map(() => undefined),
});

describe('the stream is read by days (D-2.6)', () => {
  test('on the calendar of the reader', () => {
    const events = [
      event(local('2026-03-02', '00:00:00')),
      event(local('2026-03-01', '23:59:59')),
      event(local('2026-03-01', '00:00:00')),
    ];
    expect(days(events).map(({ day, items }) => [day, items.length])).toEqual([
      ['2026-03-02', 1],
      ['2026-03-01', 2],
    ]);
  });

  test('the moves of a run stand together where the newest stands, day by day', () => {
    const events = [
      move(local('2026-03-02', '12:00'), 'c'),
      event(local('2026-03-02', '11:00'), { action: 'message.sent', run: 'r' }),
      move(local('2026-03-02', '10:00'), 'b'),
      move(local('2026-03-02', '09:00'), 'x', { run: 'other' }),
      move(local('2026-03-01', '09:00'), 'a'),
    ];
    const shape = days(events).map(({ items }) =>
      items.map((item) => (isRun(item) ? item.moves.map((one) => one.node) : item.action)),
    );
    expect(shape).toEqual([[['c', 'b'], 'message.sent', ['x']], [['a']]]);
    expect(days(events, false).map(({ items }) => items.length)).toEqual([4, 1]);
  });

  test('a run tells the way of each of its paths from the begin', () => {
    const [day] = days([
      move(local('2026-03-02', '12:03'), 'gone', { action: 'automation.clientPathExit' }, { reason: 'goal' }),
      move(local('2026-03-02', '12:02'), 'c', {}, { pathId: 'q' }),
      move(local('2026-03-02', '12:01'), 'b'),
      move(local('2026-03-02', '12:00'), 'a', { action: 'automation.clientStartPath' }),
    ]);
    const run = day?.items[0];
    if (run === undefined || !isRun(run)) throw new Error('no run');
    expect(run.name).toBe('Cart');
    expect(ways(run).map((way) => way.map(({ title, kind, reason }) => [title, kind, reason]))).toEqual([
      [
        ['A', 'start', ''],
        ['B', 'step', ''],
        ['GONE', 'exit', 'goal'],
      ],
      [['C', 'step', '']],
    ]);
  });
});

describe('new events wait until one wants to see them', () => {
  const old = [event('2026-03-01T10:00:00.000Z'), event('2026-03-01T09:00:00.000Z')];

  test('only what is not shown is new, also what came late', () => {
    const late = event('2026-03-01T09:30:00.000Z');
    const fresh = event('2026-03-01T11:00:00.000Z');
    expect(unseen(stream(old), [fresh, ...old])).toEqual([fresh]);
    expect(unseen(stream(old), [fresh, old[0] as Activity, late, old[1] as Activity])).toEqual([fresh, late]);
    expect(unseen(undefined, [fresh])).toEqual([]);
  });

  test('they go where they belong: by time, then by place in the log', () => {
    const late = event('2026-03-01T09:30:00.000Z');
    const same = event('2026-03-01T10:00:00.000Z');
    const [page] = withNews(stream(old), [same, late]).pages;
    expect(page?.events).toEqual([same, old[0], late, old[1]]);
  });
});

test('what says most at a glance are plain values, without where an event came from', () => {
  expect(
    highlights({ runId: 'r', lines: [1], sku: 'a', price: 0, gift: false, more: 'x', gone: null }),
  ).toEqual([
    ['sku', 'a'],
    ['price', 0],
    ['gift', false],
  ]);
});

test('a day of any length is drawn in blocks, and a run that grew looks different', () => {
  const many = Array.from({ length: 100 }, () => event('2026-03-01T10:00:00.000Z'));
  expect(blocks(many).map((block) => block.length)).toEqual([40, 40, 20]);
  const moves = [move('2026-03-01T10:00:00.000Z', 'b'), move('2026-03-01T09:00:00.000Z', 'a')];
  const run = { run: 'r', journey: 'j', name: '', moves };
  expect(looks(run)).not.toBe(looks({ ...run, moves: moves.slice(0, 1) }));
});

describe('the address of a card', () => {
  test('says which events are shown', () => {
    const search = cardSearch({
      family: 'messages',
      period: 'day',
      run: 'r',
      from: '2026-03-01',
      nonsense: 1,
    });
    expect(search).toEqual({ family: 'messages', period: 'day', run: 'r' });
    const choice = choiceOf(search, Date.parse('2026-03-02T10:00:30.000Z'));
    expect(choice.since).toBe('2026-03-01T10:00:00.000Z');
    expect(choice.action).toContain('message.sent');
  });

  test('an action goes before its family; days include both ends', () => {
    const choice = choiceOf(
      cardSearch({ family: 'moves', actions: ['a'], from: '2026-03-01', to: '2026-03-01' }),
      0,
    );
    expect(choice.action).toEqual(['a']);
    expect(Date.parse(choice.until ?? '') - Date.parse(choice.since ?? '')).toBe(86_399_999);
    expect(cardSearch({ family: 'x', actions: [], from: '1 March' })).toEqual({});
  });
});
