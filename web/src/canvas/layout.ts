/** Tidy up: places for all nodes, top to bottom. Pure. Loaded when it is wanted: what was drawn here has its places. */
import dagre from '@dagrejs/dagre';
import type { Graph } from './graph';
import { HEIGHT, WIDTH } from './place';

/** Room for what is written on a way. */
const LABEL = { width: 130, height: 26 };

export function tidied(graph: Graph): Graph {
  const plan = new dagre.graphlib.Graph();
  plan.setGraph({ rankdir: 'TB', nodesep: 48, ranksep: 64 });
  plan.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(graph.nodes.map((node) => node.id));
  for (const id of ids) plan.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const node of graph.nodes) {
    const ways = Object.values(node.outlets).filter((target) => ids.has(target));
    for (const target of ways)
      plan.setEdge(node.id, target, ways.length > 1 ? { ...LABEL, labelpos: 'c' } : {});
  }
  // The optimal order takes minutes for large graphs and is hardly seen.
  dagre.layout(plan, { disableOptimalOrderHeuristic: true });
  const nodes = graph.nodes.map((node) => {
    const { x, y } = plan.node(node.id) as { x: number; y: number };
    return { ...node, position: { x: Math.round(x - WIDTH / 2), y: Math.round(y - HEIGHT / 2) } };
  });
  return { ...graph, nodes };
}
