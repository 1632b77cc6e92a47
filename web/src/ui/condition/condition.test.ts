import { describe, expect, test } from 'vitest';
import { conditionText, hasCase, numberOrText, toGroup, toWhere, type Where, withOp } from './condition';

const price = { param: 'price', op: 'greater', value: 20 } as const;
const tier = { attribute: 'tier', op: 'in', value: ['gold', 'silver'] } as const;
const mutable = (where: unknown) => where as Where;

describe('what the builder edits says the same as what came in (D-4)', () => {
  test.each([
    ['nothing', null, null],
    ['an empty list', [], null],
    ['a bare list', [price, tier], [price, tier]],
    ['one test', price, [price]],
    ['any', { any: [price, tier] }, { any: [price, tier] }],
    ['a negated test', { not: price }, { not: { any: [price] } }],
    ['a negated group', { not: { all: [price, tier] } }, { not: { all: [price, tier] } }],
    ['twice negated', { not: { not: { any: [price] } } }, { any: [price] }],
    ['nested', [price, { any: [tier, { not: tier }] }], [price, { any: [tier, { not: { any: [tier] } }] }]],
  ])('%s', (_, where, expected) => {
    expect(toWhere(toGroup(mutable(where)))).toEqual(expected);
  });
});

test('a condition as a sentence', () => {
  expect(conditionText(mutable([price, { any: [tier, { attribute: 'blocked', op: 'is_true' }] }]))).toBe(
    'price > 20 and (tier is one of gold, silver or blocked is yes)',
  );
  expect(conditionText(mutable({ not: price }))).toBe('not (price > 20)');
  expect(
    conditionText(mutable({ attribute: 'ends', op: 'within_next', value: { value: 3, unit: 'day' } })),
  ).toBe('ends is within the next 3 days');
  expect(conditionText(null)).toBe('');
});

test('another operator keeps the value where it can use it, and drops what it cannot', () => {
  expect(withOp({ param: 'a', op: 'equal', value: 5 }, 'greater')).toEqual({
    param: 'a',
    op: 'greater',
    value: 5,
  });
  expect(withOp({ param: 'a', op: 'equal', value: 'x', ignore_case: true }, 'less')).toEqual({
    param: 'a',
    op: 'less',
    value: '',
  });
  expect(withOp({ param: 'a', op: 'equal', value: 'x' }, 'exists').value).toBeNull();
  expect(withOp({ param: 'a', op: 'in', value: ['x'] }, 'not_in').value).toEqual(['x']);
});

test('nothing is coerced: only a text has case, only digits are a number', () => {
  expect(hasCase({ param: 'a', op: 'equal', value: 5 })).toBe(false);
  expect(hasCase({ param: 'a', op: 'equal', value: '5' })).toBe(true);
  expect(numberOrText('12.5')).toBe(12.5);
  expect(numberOrText('{{ event.params.price }}')).toBe('{{ event.params.price }}');
  expect(numberOrText('12.')).toBe('12.');
});
