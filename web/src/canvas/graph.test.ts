import { describe, expect, it } from 'vitest';
import {
  added,
  branch,
  connected,
  free,
  type Graph,
  type GraphNode,
  moved,
  newId,
  outletsOf,
  pasted,
  renamed,
  upstream,
  without,
} from './graph';

const node = (id: string, outlets: Record<string, string> = {}): GraphNode => ({
  id,
  type: 'delay',
  title: id,
  settings: {},
  outlets,
  position: { x: 0, y: 0 },
});
const graph = (...nodes: GraphNode[]): Graph => ({ name: 'Journey', nodes, settings: {} });

describe('edits of a graph', () => {
  it('puts a node on an edge, between the two', () => {
    const edited = added(graph(node('a', { next: 'b' }), node('b')), node('c', { next: '' }), {
      from: 'a',
      outlet: 'next',
    });
    expect(edited.nodes.map((one) => [one.id, one.outlets])).toEqual([
      ['a', { next: 'c' }],
      ['b', {}],
      ['c', { next: 'b' }],
    ]);
  });

  it('an End on an edge ends it there', () => {
    const edited = added(graph(node('a', { next: 'b' }), node('b')), node('e'), {
      from: 'a',
      outlet: 'next',
    });
    expect(edited.nodes[0]?.outlets).toEqual({ next: 'e' });
    expect(edited.nodes[2]?.outlets).toEqual({});
  });

  it('connects and disconnects, but nothing with itself', () => {
    const one = graph(node('a'), node('b'));
    const two = connected(one, 'a', 'next', 'b');
    expect(two.nodes[0]?.outlets).toEqual({ next: 'b' });
    expect(connected(two, 'a', 'next', undefined).nodes[0]?.outlets).toEqual({});
    expect(connected(one, 'a', 'next', 'a')).toBe(one);
  });

  it('deletes nodes with what leads to them, and leaves the graph it was given alone', () => {
    const before = graph(node('a', { next: 'b' }), node('b', { next: 'c' }), node('c'));
    expect(without(before, new Set(['b'])).nodes.map((one) => one.outlets)).toEqual([{}, {}]);
    expect(before.nodes[0]?.outlets).toEqual({ next: 'b' });
  });

  it('deletes single ways beside nodes', () => {
    const before = graph(node('a', { yes: 'b', no: 'c' }), node('b', { next: 'c' }), node('c'));
    const after = without(before, new Set(['b']), [{ from: 'a', outlet: 'no' }]);
    expect(after.nodes.map((one) => [one.id, one.outlets])).toEqual([
      ['a', {}],
      ['c', {}],
    ]);
  });

  it('moves what is named and keeps the rest as it is', () => {
    const before = graph(node('a'), node('b'));
    const after = moved(before, new Map([['b', { x: 5, y: 6 }]]));
    expect(after.nodes[0]).toBe(before.nodes[0]);
    expect(after.nodes[1]?.position).toEqual({ x: 5, y: 6 });
  });

  it('finds a branch, also in a circle', () => {
    const one = graph(node('a', { next: 'b' }), node('b', { yes: 'c', no: 'b' }), node('c'), node('d'));
    expect([...branch(one, 'b')].sort()).toEqual(['b', 'c']);
  });

  it('pastes twice without one copy lying on the other', () => {
    const before = graph(node('a'));
    const twice = pasted(pasted(before, before.nodes, newId), before.nodes, newId);
    expect(twice.nodes.map(({ position }) => position.x)).toEqual([0, 40, 80]);
    expect(new Set(twice.nodes.map(({ id }) => id)).size).toBe(3);
  });

  it('pastes copies under new ids, connected among each other alone', () => {
    let number = 0;
    const before = graph(node('a', { next: 'b' }), node('b', { next: 'c' }), node('c'));
    const edited = pasted(before, before.nodes.slice(0, 2), () => `n${++number}`);
    expect(edited.nodes.slice(3).map((one) => [one.id, one.title, one.outlets])).toEqual([
      ['n1', 'a 2', { next: 'n2' }],
      ['n2', 'b 2', {}],
    ]);
  });

  it('draws no circle (D-3.1)', () => {
    const before = graph(node('a', { next: 'b' }), node('b', { next: 'c' }), node('c'));
    expect(connected(before, 'c', 'next', 'a')).toBe(before);
    expect(connected(before, 'c', 'next', 'c')).toBe(before);
    expect([...upstream(before, 'b')].sort()).toEqual(['a', 'b']);
  });

  it.each([
    ['renamed', ['a', 'b'], ['gift', 'b'], { gift: 'x', b: 'y' }],
    ['swapped', ['a', 'b'], ['b', 'a'], { a: 'x', b: 'y' }],
    ['added', ['a', 'b'], ['a', 'b', 'c'], { a: 'x', b: 'y' }],
    ['removed', ['a', 'b'], ['b'], { b: 'y' }],
    ['called like another', ['a', 'b'], ['b', 'b'], { b: 'y' }],
    ['not of the names', ['c'], ['d'], { a: 'x', b: 'y' }],
  ])('keeps the ways of outlets whose names in the settings change: %s', (_, before, after, expected) => {
    expect(renamed({ a: 'x', b: 'y' }, before, after)).toEqual(expected);
  });

  it('finds a free title', () => {
    const taken = new Set(['Wait', 'Wait 2']);
    expect(free('Wait', taken)).toBe('Wait 3');
    expect(free('', taken)).toBe('');
  });

  it('knows the outlets that are connected or missing, in the order of its type', () => {
    expect(outletsOf(node('a'), ['next'], [])).toEqual(['next']);
    expect(outletsOf(node('a', { no: 'x' }), ['yes', 'no'], ['yes'])).toEqual(['yes', 'no']);
    expect(outletsOf(node('a', { no: 'x' }), ['yes', 'no'], [])).toEqual(['yes', 'no']);
    expect(outletsOf(node('a', { b: 'x' }), ['next'], ['c'])).toEqual(['b', 'c']);
  });
});
