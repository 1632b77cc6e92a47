/** Where nodes find room on the canvas. Pure. */
import { branch, type Graph, moved, type Position, STEP, type Way } from './graph';

export const WIDTH = 256;
/** With its numbers, so that switching them on makes nothing overlap. */
export const HEIGHT = 140;
const GAP = 48;

/**
 * A place for a node on a way, and the graph with room there: what comes after moves down if it must. `aside` says where
 * the outlet is among those of its node: -0.5 is half a card to the left.
 */
export function placed(graph: Graph, way: Way, aside = 0): { graph: Graph; position: Position } {
  const from = graph.nodes.find((node) => node.id === way.from);
  if (from === undefined) return { graph, position: { x: 0, y: 0 } };
  const target = graph.nodes.find((node) => node.id === from.outlets[way.outlet]);
  const y = from.position.y + STEP;
  if (target === undefined)
    return { graph, position: freeAt(graph, { x: Math.round(from.position.x + aside * (WIDTH + GAP)), y }) };
  const push = y + STEP - target.position.y;
  const after = branch(graph, target.id);
  const position = { x: target.position.x, y };
  if (push <= 0 || after.has(from.id)) return { graph, position: freeAt(graph, position) };
  const places = new Map(
    graph.nodes
      .filter((node) => after.has(node.id))
      .map((node) => [node.id, { x: node.position.x, y: node.position.y + push }]),
  );
  return { graph: moved(graph, places), position };
}

/** That place, or the next one to the right where nothing lies. */
export function freeAt({ nodes }: Graph, { x, y }: Position): Position {
  let free = x;
  const taken = () =>
    nodes.some(({ position }) => Math.abs(position.x - free) < WIDTH && Math.abs(position.y - y) < HEIGHT);
  while (taken()) free += WIDTH + GAP;
  return { x: free, y };
}
