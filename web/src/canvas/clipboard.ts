/** Nodes as text, for the clipboard of the computer: copies go from one journey, tab or workspace to another. Pure. */
import type { Graph, GraphNode } from './graph';

const MARK = 'milepost/nodes';

/** The nodes with these ids as text; nothing when there are none. */
export function copied(graph: Graph, ids: ReadonlySet<string>): string | undefined {
  const nodes = graph.nodes.filter((node) => ids.has(node.id));
  return nodes.length === 0 ? undefined : JSON.stringify({ kind: MARK, nodes }, null, 1);
}

/** The nodes in a text, with all that a node needs; none when the text is anything else. */
export function read(text: string): GraphNode[] {
  try {
    const given: unknown = JSON.parse(text);
    if (!isRecord(given) || given.kind !== MARK || !Array.isArray(given.nodes)) return [];
    return given.nodes.flatMap(nodeOf);
  } catch {
    return []; // not ours: any other text
  }
}

function nodeOf(given: unknown): GraphNode[] {
  if (!isRecord(given) || typeof given.id !== 'string' || typeof given.type !== 'string') return [];
  const { x, y } = isRecord(given.position) ? given.position : {};
  const outlets = Object.entries(isRecord(given.outlets) ? given.outlets : {}).filter(
    (way): way is [string, string] => typeof way[1] === 'string',
  );
  return [
    {
      id: given.id,
      type: given.type,
      title: typeof given.title === 'string' ? given.title : '',
      settings: isRecord(given.settings) ? given.settings : {},
      outlets: Object.fromEntries(outlets),
      position: { x: Number.isFinite(x) ? (x as number) : 0, y: Number.isFinite(y) ? (y as number) : 0 },
    },
  ];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
