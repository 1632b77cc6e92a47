/** A journey as a graph, and every edit of it. Pure: a graph goes in, a new one comes out. Knows no node type. */

export interface Position {
  x: number;
  y: number;
}

export interface GraphNode {
  id: string;
  type: string;
  title: string;
  settings: Record<string, unknown>;
  /** Outlet to the id of the node it leads to. */
  outlets: Record<string, string>;
  position: Position;
}

export interface Graph {
  name: string;
  nodes: GraphNode[];
  settings: Record<string, unknown>;
}

export const STEP = 170;

/** Change one node. */
export function withNode(graph: Graph, id: string, change: Partial<GraphNode>): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)) };
}

/** Add a node, or put it on an edge: then it stands between the two nodes. */
export function added(graph: Graph, node: GraphNode, edge?: { from: string; outlet: string }): Graph {
  if (edge === undefined) return { ...graph, nodes: [...graph.nodes, node] };
  const from = graph.nodes.find((one) => one.id === edge.from);
  const target = from?.outlets[edge.outlet];
  if (from === undefined) return graph;
  const [first] = Object.keys(node.outlets);
  const outlets =
    target === undefined || first === undefined ? node.outlets : { ...node.outlets, [first]: target };
  const nodes = graph.nodes.map((one) =>
    one.id === edge.from ? { ...one, outlets: { ...one.outlets, [edge.outlet]: node.id } } : one,
  );
  return { ...graph, nodes: [...nodes, { ...node, outlets: withoutEmpty(outlets) }] };
}

/** Lead an outlet to a node, or (undefined) nowhere. */
export function connected(graph: Graph, from: string, outlet: string, to: string | undefined): Graph {
  const node = graph.nodes.find((one) => one.id === from);
  if (node === undefined || to === from) return graph;
  return withNode(graph, from, { outlets: withoutEmpty({ ...node.outlets, [outlet]: to ?? '' }) });
}

/** Delete nodes, and what leads to them. */
export function without(graph: Graph, ids: ReadonlySet<string>): Graph {
  const nodes = graph.nodes
    .filter((node) => !ids.has(node.id))
    .map((node) => ({
      ...node,
      outlets: Object.fromEntries(Object.entries(node.outlets).filter(([, target]) => !ids.has(target))),
    }));
  return { ...graph, nodes };
}

/** Copies of nodes with ids of their own, connected among each other as the originals are. */
export function pasted(graph: Graph, copies: readonly GraphNode[], newId: () => string): Graph {
  const ids = new Map(copies.map((node) => [node.id, newId()]));
  const titles = new Set(graph.nodes.map((node) => node.title));
  const nodes = copies.map((node) => ({
    ...node,
    id: ids.get(node.id) as string,
    title: free(node.title, titles),
    position: { x: node.position.x + 40, y: node.position.y + 40 },
    outlets: Object.fromEntries(
      Object.entries(node.outlets).flatMap(([outlet, target]) => {
        const copy = ids.get(target);
        return copy === undefined ? [] : [[outlet, copy]];
      }),
    ),
  }));
  return { ...graph, nodes: [...graph.nodes, ...nodes] };
}

/** A title that no node has yet; it is taken from then on. */
export function free(title: string, taken: Set<string>): string {
  let found = title;
  for (let number = 2; title !== '' && taken.has(found); number += 1) found = `${title} ${number}`;
  taken.add(found);
  return found;
}

/**
 * Names of the ways out: those that are connected and those that the server misses; before it has said anything of a new
 * node, those of its type. What the type knows comes in its order.
 */
export function outletsOf(node: GraphNode, ofType: readonly string[], missing: readonly string[]): string[] {
  const names = new Set([...Object.keys(node.outlets), ...missing]);
  if (names.size === 0) return [...ofType];
  return [...ofType.filter((name) => names.delete(name)), ...names];
}

function withoutEmpty(outlets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(outlets).filter(([, target]) => target !== ''));
}
