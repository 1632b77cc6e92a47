/** From the graph to what React Flow draws. What did not change stays the same object, so that only the rest is drawn anew. */
import { MarkerType, type Node } from '@xyflow/react';
import { t } from '../app/messages';
import type { Graph } from './graph';
import type { CardData } from './NodeCard';
import { outletName } from './outlets';
import { HEIGHT, WIDTH } from './place';
import type { WayEdge } from './Way';

export type CardNode = Node<CardData, 'card'>;

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

export function nodesOf(
  graph: Graph,
  cards: ReadonlyMap<string, CardData>,
  selected: ReadonlySet<string>,
  before: readonly CardNode[],
): CardNode[] {
  const old = new Map(before.map((node) => [node.id, node]));
  return graph.nodes.flatMap((node) => {
    const given = cards.get(node.id);
    if (given === undefined) return [];
    const was = old.get(node.id);
    const data = was !== undefined && same(was.data, given) ? was.data : given;
    // Under the hand, a node is where the hand is.
    const position = was?.dragging ? was.position : node.position;
    const chosen = selected.has(node.id);
    if (was !== undefined && was.data === data && was.selected === chosen && same(was.position, position))
      return [was];
    return [
      {
        ...was,
        id: node.id,
        type: 'card' as const,
        initialWidth: WIDTH,
        initialHeight: HEIGHT,
        position,
        data,
        selected: chosen,
        ariaLabel: `${data.label}: ${data.title}`,
      },
    ];
  });
}

export function waysOf(
  graph: Graph,
  cards: ReadonlyMap<string, CardData>,
  counts: ((node: string, outlet: string) => string) | undefined,
  colour: string,
  before: readonly WayEdge[],
): WayEdge[] {
  const old = new Map(before.map((way) => [way.id, way]));
  return graph.nodes.flatMap((node) =>
    Object.entries(node.outlets).flatMap(([outlet, target]) => {
      const [from, to] = [cards.get(node.id), cards.get(target)];
      if (from === undefined || to === undefined) return [];
      const data = {
        outlet,
        name: from.outlets.length > 1 ? outletName(outlet) : '',
        count: counts?.(node.id, outlet) ?? '',
        between: t('canvas.between', { from: from.title, to: to.title }),
      };
      const id = `${node.id} ${outlet}`;
      const was = old.get(id);
      if (was?.target === target && was.style?.stroke === colour && same(was.data, data)) return [was];
      const way: WayEdge = {
        id,
        type: 'way',
        source: node.id,
        sourceHandle: outlet,
        target,
        data,
        selected: was?.selected ?? false,
        style: { stroke: colour },
        markerEnd: { type: MarkerType.ArrowClosed, width: 18, height: 18, color: colour },
        ariaLabel: [data.between, data.name, data.count].filter((part) => part !== '').join(', '),
      };
      return [way];
    }),
  );
}
