import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode } from './graph';
import { tidied } from './layout';
import { freeAt, HEIGHT, placed, WIDTH } from './place';

const node = (id: string, outlets: Record<string, string> = {}): GraphNode => ({
  id,
  type: 'delay',
  title: id,
  settings: {},
  outlets,
  position: { x: 0, y: 0 },
});
const graph = (...nodes: GraphNode[]): Graph => ({ name: 'J', nodes, settings: {} });

function overlapping({ nodes }: Graph): string[] {
  return nodes.flatMap((one, index) =>
    nodes
      .slice(index + 1)
      .filter(
        ({ position }) =>
          Math.abs(position.x - one.position.x) < WIDTH && Math.abs(position.y - one.position.y) < HEIGHT,
      )
      .map((other) => `${one.id} ${other.id}`),
  );
}

describe('tidying up', () => {
  it('goes from top to bottom and lets nothing overlap', () => {
    const tidy = tidied(
      graph(
        node('a', { matched: 'b', not_matched: 'c' }),
        node('b', { next: 'd' }),
        node('c', { next: 'd' }),
        node('d'),
      ),
    );
    const [a, b, c, d] = tidy.nodes.map(({ position }) => position.y) as [number, number, number, number];
    expect(a).toBeLessThan(b);
    expect(b).toBe(c);
    expect(c).toBeLessThan(d);
    expect(overlapping(tidy)).toEqual([]);
  });

  it('bears two ways to one node, loose nodes, ways to nowhere and circles', () => {
    const tidy = tidied(
      graph(
        node('a', { matched: 'b', not_matched: 'b' }),
        node('b', { next: 'a' }),
        node('lone'),
        node('c', { next: 'gone' }),
      ),
    );
    expect(tidy.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'lone', 'c']);
    expect(
      tidy.nodes.every(({ position }) => Number.isFinite(position.x) && Number.isFinite(position.y)),
    ).toBe(true);
    expect(overlapping(tidy)).toEqual([]);
    expect(tidied(graph()).nodes).toEqual([]);
  });

  it('takes a journey of 300 nodes in less than two seconds', () => {
    const many = graph(
      ...Array.from({ length: 300 }, (_, i) =>
        node(
          `n${i}`,
          i < 150 ? { matched: `n${2 * i + 1}`, not_matched: `n${Math.min(299, 2 * i + 2)}` } : {},
        ),
      ),
    );
    const before = performance.now();
    expect(overlapping(tidied(many))).toEqual([]);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe('a place for a new node', () => {
  it('below the outlet, beside what lies there', () => {
    const one = graph(node('a'), { ...node('b'), position: { x: 0, y: 200 } });
    expect(placed(one, { from: 'a', outlet: 'next' }).position).toEqual({ x: 304, y: 200 });
    expect(freeAt(one, { x: 0, y: 600 })).toEqual({ x: 0, y: 600 });
  });

  it('between two nodes, after which everything moves down, and nothing else', () => {
    const one = graph(
      node('a', { next: 'b' }),
      { ...node('b', { next: 'c' }), position: { x: 0, y: 200 } },
      { ...node('c'), position: { x: 0, y: 400 } },
      { ...node('d'), position: { x: 900, y: 200 } },
    );
    const { graph: after, position } = placed(one, { from: 'a', outlet: 'next' });
    expect(position).toEqual({ x: 0, y: 200 });
    expect(after.nodes.map((each) => each.position.y)).toEqual([0, 400, 600, 200]);
  });
});
