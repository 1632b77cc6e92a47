/** Tidy up: places for all nodes, top to bottom. Pure. */
import dagre from '@dagrejs/dagre';
import type { Graph } from './graph';

export const WIDTH = 240;
export const HEIGHT = 92;

export function tidied(graph: Graph): Graph {
  const plan = new dagre.graphlib.Graph();
  plan.setGraph({ rankdir: 'TB', nodesep: 48, ranksep: 76 });
  plan.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) plan.setNode(node.id, { width: WIDTH, height: HEIGHT });
  for (const node of graph.nodes)
    for (const target of Object.values(node.outlets)) plan.setEdge(node.id, target);
  // The optimal order takes minutes for large graphs and is hardly seen.
  dagre.layout(plan, { disableOptimalOrderHeuristic: true });
  const nodes = graph.nodes.map((node) => {
    const { x, y } = plan.node(node.id) as { x: number; y: number };
    return { ...node, position: { x: Math.round(x - WIDTH / 2), y: Math.round(y - HEIGHT / 2) } };
  });
  return { ...graph, nodes };
}
