import { expect, test } from 'vitest';
import { attributeColumn, columnsOf, table } from './columns';

const ada = {
  profile: 7,
  name: 'Ada',
  identifiers: [
    { kind: 'email', value: 'ada@example.org' },
    { kind: 'uuid', value: 'a' },
    { kind: 'uuid', value: 'b' },
  ],
  attributes: { tier: 'gold', plan: { name: 'pro', seats: [1, 2] }, 'a.b': 1, gone: null },
  tags: ['vip', 'beta'],
  created: '2026-03-01T10:00:00.000Z',
};

test('the file has exactly the columns that are shown, in their order (D-2.7)', () => {
  const columns = columnsOf(['uuid', attributeColumn('tier'), 'tags', 'created']);
  expect(table(columns, [ada])).toEqual([
    ['profile', 'Profile', 'UUID', 'tier', 'Tags', 'Known since'],
    [7, 'Ada', 'a, b', 'gold', 'vip, beta', '2026-03-01T10:00:00.000Z'],
  ]);
});

test.each([
  ['plan.name', 'pro'],
  ['plan.seats', '[1,2]'],
  ['a.b', 1],
  ['gone', ''],
  ['toString', ''],
  ['tier.deeper', ''],
])('attribute %s', (name, expected) => {
  expect(columnsOf([attributeColumn(name)]).map((column) => column.cell(ada))).toEqual([expected]);
});

test('a column that does not exist is left out', () => {
  expect(columnsOf(['nonsense', 'email']).map((column) => column.id)).toEqual(['email']);
});
