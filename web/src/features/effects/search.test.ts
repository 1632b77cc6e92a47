import { expect, test } from 'vitest';
import { choiceOf, effectsSearch, isFiltered } from './search';

test('an address keeps what it may say, and nothing else', () => {
  expect(
    effectsSearch({
      state: 'uncertain',
      channel: 'fax',
      journey: 'j-1',
      node: 'n1',
      profile: 7,
      effect: 'e',
    }),
  ).toEqual({ state: 'uncertain', journey: 'j-1', node: 'n1', profile: 7, effect: 'e' });
  expect(effectsSearch({ state: 'odd', node: 'n1', profile: -1, period: 'year', journey: 3 })).toEqual({});
});

test('an open effect is no filter', () => {
  expect(isFiltered({ effect: 'e' })).toBe(false);
  expect(isFiltered({ effect: 'e', period: 'day' })).toBe(true);
});

test('a period begins at a whole minute before the present, and only filters are asked', () => {
  const address = { period: 'day', state: 'sent', effect: 'e', workspace: 'Demo' } as const;
  expect(choiceOf(address, Date.parse('2026-03-02T10:00:42Z'))).toEqual({
    state: 'sent',
    since: '2026-03-01T10:00:00.000Z',
  });
  expect(choiceOf({}, 0)).toEqual({});
});
