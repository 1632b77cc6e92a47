import { describe, expect, it } from 'vitest';
import { definitionOf, graphOf, summaryOf } from './definition';

describe('definition and graph', () => {
  it('gives places where there are none, and keeps those that there are', async () => {
    const bare = await graphOf({
      name: 'J',
      nodes: [
        { id: 'a', type: 'delay', title: 'A', settings: {}, outlets: { next: 'b' } },
        { id: 'b', type: 'end', title: 'B', settings: {}, outlets: {} },
      ],
      settings: {},
    } as never);
    expect(bare.nodes[1]?.position.y).toBeGreaterThan(bare.nodes[0]?.position.y ?? 0);
    expect((await graphOf(definitionOf(bare) as never)).nodes).toEqual(bare.nodes);
  });

  it('says in one line what a node is set to', () => {
    expect(summaryOf({ duration: { value: 1, unit: 'hour' } })).toBe('1 hour');
    expect(summaryOf({ action: 'cart.abandoned', where: { param: 'value', op: 'greater', value: 20 } })).toBe(
      'cart.abandoned · value > 20',
    );
    expect(summaryOf({ where: [{ attribute: 'tier', op: 'equal', value: 'gold' }] })).toBe('tier = gold');
    expect(summaryOf({ where: [], set: { tier: 'gold' } })).toBe('tier = gold');
    expect(summaryOf({ limit: { value: 2, unit: 'day' }, action: 'a.b' }, ['action', 'limit'])).toBe(
      'a.b · 2 days',
    );
    expect(summaryOf({ groups: [{ name: 'a', share: 50 }] })).toMatch(/^a 50.*%$/);
    expect(summaryOf({ transactional: false, subject: '', body: 'Hello' })).toBe('Hello');
  });
});
