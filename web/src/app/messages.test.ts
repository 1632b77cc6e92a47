import { expect, test } from 'vitest';
import { t, tOr } from './messages';

test('values are filled in', () => {
  expect(t('shell.workspace', { name: '<b>Ünïcode</b>' })).toBe('Workspace: <b>Ünïcode</b>');
});

test('a count chooses the plural form', () => {
  expect(t('unit.day', { count: 1 })).toBe('1 day');
  expect(t('unit.day', { count: 2 })).toBe('2 days');
});

test('a key from elsewhere has a fallback', () => {
  expect(tOr('units.hour', 'x')).toBe('hours');
  expect(tOr('units.fortnight', 'fortnights')).toBe('fortnights');
});
