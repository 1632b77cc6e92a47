import { describe, expect, it } from 'vitest';
import { copied, read } from './clipboard';
import type { Graph } from './graph';

const graph: Graph = {
  name: 'J',
  settings: {},
  nodes: ['a', 'b'].map((id) => ({
    id,
    type: 'delay',
    title: `${id} <b>😀`,
    settings: { duration: { value: 1, unit: 'hour' } },
    outlets: (id === 'a' ? { next: 'b' } : {}) as Record<string, string>,
    position: { x: 1, y: 2 },
  })),
};

describe('nodes on the clipboard', () => {
  it('come back as they went', () => {
    expect(read(copied(graph, new Set(['a', 'b'])) ?? '')).toEqual(graph.nodes);
    expect(read(copied(graph, new Set(['b'])) ?? '')).toEqual(graph.nodes.slice(1));
  });

  it('nothing selected leaves the clipboard alone', () => {
    expect(copied(graph, new Set())).toBeUndefined();
  });

  it('any other text is no nodes, and broken ones are mended or left out', () => {
    for (const text of ['', 'Hello', '{}', '[1]', 'null', '{"kind":"milepost/nodes"}'])
      expect(read(text)).toEqual([]);
    const broken = {
      kind: 'milepost/nodes',
      nodes: [7, { id: 'a' }, { id: 'a', type: 't', outlets: { x: 1 } }],
    };
    expect(read(JSON.stringify(broken))).toEqual([
      { id: 'a', type: 't', title: '', settings: {}, outlets: {}, position: { x: 0, y: 0 } },
    ]);
  });
});
