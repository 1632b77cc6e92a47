import { expect, test } from 'vitest';
import { calledBy, initials } from './called';

const nobody = { profile: 12, name: null, identifiers: [] };

test('a profile is called by its name, else by what says most, else by its key', () => {
  const identifiers = [
    { kind: 'custom_id', value: 'C-1' },
    { kind: 'email', value: 'a@example.org' },
  ];
  expect(calledBy({ ...nobody, name: 'Ada', identifiers })).toBe('Ada');
  expect(calledBy({ ...nobody, identifiers })).toBe('a@example.org');
  expect(calledBy({ ...nobody, identifiers: identifiers.slice(0, 1) })).toBe('C-1');
  expect(calledBy(nobody)).toBe('Profile 12');
});

test.each([
  ['Maria Nowak', 'MN'],
  ['Ada', 'A'],
  ['ada de la Cruz', 'AC'],
  ['👩‍🚀 Zoë', '👩‍🚀Z'],
  ['<b>Novák</b>', 'B'],
  ['שרה אהרונסון', 'שא'],
  ['+48 600', '46'],
  ['', ''],
])('initials of %s', (called, expected) => {
  expect(initials(called)).toBe(expected);
});
