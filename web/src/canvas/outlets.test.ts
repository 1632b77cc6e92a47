import { expect, test } from 'vitest';
import { namesIn, namingSetting } from './outlets';

const groups = {
  default: [
    { name: 'a', share: 50 },
    { name: 'b', share: 50 },
  ],
  title: 'Groups',
};

test('the setting that names the outlets is the one whose default is the outlets by default', () => {
  expect(namingSetting({ properties: { tags: { default: ['x'] }, groups } }, ['a', 'b'])).toBe('groups');
  expect(namingSetting({ properties: { outlets: { default: ['1', '2'] } } }, ['1', '2'])).toBe('outlets');
  expect(namingSetting({ properties: { tags: { default: [] } } }, [])).toBeUndefined();
  expect(namingSetting({ properties: { action: {} } }, ['next'])).toBeUndefined();
});

test('a name that is there twice is one outlet', () => {
  expect(namesIn([{ name: 'a' }, { name: 'a' }])).toEqual(['a']);
  expect(namesIn([{ share: 5 }])).toEqual([]);
  expect(namesIn('a')).toEqual([]);
});
