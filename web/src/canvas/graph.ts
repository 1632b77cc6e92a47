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

/** From a node to the one below it, and the offset of a copy. */
export const STEP = 200;
const BESIDE = 40;

/** One way out of a node. */
export interface Way {
  from: string;
  outlet: string;
}

/** Change one node. */
export function withNode(graph: Graph, id: string, change: Partial<GraphNode>): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)) };
}

/** Add a node, or put it on an edge: then it stands between the two nodes. */
export function added(graph: Graph, node: GraphNode, edge?: Way): Graph {
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

/** Lead an outlet to a node, or (undefined) nowhere. A way that would make a circle is not drawn (D-3.1). */
export function connected(graph: Graph, from: string, outlet: string, to: string | undefined): Graph {
  const node = graph.nodes.find((one) => one.id === from);
  if (node === undefined || (to !== undefined && branch(graph, to).has(from))) return graph;
  return withNode(graph, from, { outlets: withoutEmpty({ ...node.outlets, [outlet]: to ?? '' }) });
}

/** Put nodes elsewhere; those that are not named stay. */
export function moved(graph: Graph, places: ReadonlyMap<string, Position>): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const position = places.get(node.id);
      return position === undefined ? node : { ...node, position };
    }),
  };
}

/** Delete nodes with what leads to them, and single ways. */
export function without(graph: Graph, ids: ReadonlySet<string>, ways: readonly Way[] = []): Graph {
  const nodes = graph.nodes
    .filter((node) => !ids.has(node.id))
    .map((node) => {
      const cut = new Set(ways.filter((way) => way.from === node.id).map((way) => way.outlet));
      const outlets = Object.entries(node.outlets).filter(
        ([outlet, target]) => !ids.has(target) && !cut.has(outlet),
      );
      return outlets.length === Object.keys(node.outlets).length
        ? node
        : { ...node, outlets: Object.fromEntries(outlets) };
    });
  return { ...graph, nodes };
}

/** The ids of a node and of all that can be reached from it. */
export function branch(graph: Graph, id: string): Set<string> {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = byId.get(next);
    if (node === undefined || found.has(next)) continue;
    found.add(next);
    open.push(...Object.values(node.outlets));
  }
  return found;
}

/**
 * The ways of a node whose settings name its outlets, after a change of these names: one that was renamed keeps its way,
 * one that is gone takes its way along. `names`: before and after, in order.
 */
export function renamed(
  outlets: Readonly<Record<string, string>>,
  before: readonly string[],
  after: readonly string[],
): Record<string, string> {
  const kept = new Set(after);
  const there = new Set(before);
  return Object.fromEntries(
    Object.entries(outlets).flatMap(([outlet, target]): [string, string][] => {
      const place = before.indexOf(outlet);
      if (place < 0 || kept.has(outlet)) return [[outlet, target]];
      const name = after[place];
      const isNew = before.length === after.length && name !== undefined && !there.has(name);
      return isNew ? [[name, target]] : [];
    }),
  );
}

/** The ids of a node and of all from which it can be reached. */
export function upstream(graph: Graph, id: string): Set<string> {
  const from = new Map<string, string[]>();
  for (const node of graph.nodes)
    for (const target of Object.values(node.outlets))
      from.set(target, [...(from.get(target) ?? []), node.id]);
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(from.get(next) ?? []));
  }
  return found;
}

/** Copies of nodes with ids of their own, connected among each other as the originals are, where nothing lies yet. */
export function pasted(graph: Graph, copies: readonly GraphNode[], newId: () => string): Graph {
  const ids = new Map(copies.map((node) => [node.id, newId()]));
  const titles = new Set(graph.nodes.map((node) => node.title));
  const places = new Set(graph.nodes.map(({ position }) => `${position.x} ${position.y}`));
  let aside = BESIDE;
  while (copies.some(({ position }) => places.has(`${position.x + aside} ${position.y + aside}`)))
    aside += BESIDE;
  const nodes = copies.map((node) => ({
    ...node,
    id: ids.get(node.id) as string,
    title: free(node.title, titles),
    position: { x: node.position.x + aside, y: node.position.y + aside },
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
 * Names of the ways out, in order. Where settings name them, `ofType` is what they say. Else those that are connected or
 * that the server misses say more than the type does; where they are all of the type's, the type's are complete.
 */
export function outletsOf(node: GraphNode, ofType: readonly string[], missing: readonly string[]): string[] {
  const names = new Set([...Object.keys(node.outlets), ...missing]);
  if ([...names].every((name) => ofType.includes(name))) return [...ofType];
  return [...ofType.filter((name) => names.delete(name)), ...names];
}

function withoutEmpty(outlets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(outlets).filter(([, target]) => target !== ''));
}

/** An id that no node has, had or will have (D-1.8). Also over plain HTTP, where `crypto.randomUUID` is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `n${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
