/** Who may import whom: features -> canvas -> ui, api; features do not know each other; `app/messages`, a page's own texts and `app/format` are for all. */
import { expect, test } from 'vitest';

const sources = import.meta.glob<string>('./**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const SHARED = /^app\/(messages(\/\w+)?|format)$/;

function resolve(from: string, to: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of to.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function ring(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'features' ? `features/${second}` : first;
}

function allowed(from: string, to: string): boolean {
  const [here, there] = [ring(from), ring(to)];
  if (here === there || here === 'app' || SHARED.test(to)) return true;
  if (here.startsWith('features/')) return ['canvas', 'ui', 'api'].includes(there);
  if (here === 'canvas') return ['ui', 'api'].includes(there);
  return here === 'ui' && there === 'api';
}

test('imports point inwards', () => {
  const strays = Object.entries(sources).flatMap(([file, text]) => {
    const from = file.slice(2);
    return [...text.matchAll(/from '(\.[^']+)'/g)]
      .map(([, to = '']) => [from, resolve(from, to)] as const)
      .filter(([, to]) => !allowed(from, to))
      .map((pair) => pair.join(' -> '));
  });
  expect(strays).toEqual([]);
});
