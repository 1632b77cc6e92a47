import { expect, test } from 'vitest';
import { profilesSearch } from './search';

test('a list is told by its address', () => {
  expect(profilesSearch({ search: 'ada', after: 50, page: 2, columns: ['email'] })).toEqual({
    search: 'ada',
    after: 50,
    page: 2,
    columns: ['email'],
  });
  expect(profilesSearch({ journey: 'j', node: 'n', search: 'ada' })).toEqual({ journey: 'j', node: 'n' });
});

test('digits in an address are text all the same', () => {
  expect(profilesSearch({ search: 600 })).toEqual({ search: '600' });
});

test('what makes no sense is left out', () => {
  expect(profilesSearch({ journey: 'j', search: '', after: -1, page: 2, columns: [1] })).toEqual({});
  expect(profilesSearch({ after: 50, page: 1 })).toEqual({});
});
