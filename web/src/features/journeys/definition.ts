/** Between the definition that the server keeps and the graph that is drawn. Pure. */
import type { Schemas } from '../../api/client';
import { duration, number, percent, type Unit } from '../../app/format';
import type { Graph } from '../../canvas/graph';
import { conditionText, type Where } from '../../ui/condition/condition';

type Given = Schemas['Definition-Output'];
type Sent = Schemas['Definition-Input'];

/** The graph; where some nodes have no place yet, as when they came over the API, all of them are given one. */
export async function graphOf(definition: Given): Promise<Graph> {
  const given = definition.nodes ?? [];
  const nodes = given.map((node) => ({
    id: node.id,
    type: node.type,
    title: node.title ?? '',
    settings: { ...node.settings },
    outlets: { ...node.outlets },
    position: node.position ?? { x: 0, y: 0 },
  }));
  const graph = {
    name: definition.name,
    nodes,
    settings: { ...definition.settings } as Record<string, unknown>,
  };
  if (given.every((node) => node.position)) return graph;
  const { tidied } = await import('../../canvas/layout');
  return tidied(graph);
}

export function definitionOf(graph: Graph): Sent {
  return { name: graph.name, nodes: graph.nodes, settings: graph.settings } as Sent;
}

/** One line that says what a node is set to: its first settings that say something, in the order of `names`. */
export function summaryOf(
  settings: Record<string, unknown>,
  names: readonly string[] = Object.keys(settings),
): string {
  return names
    .map((name) => said(settings[name]))
    .filter((text) => text !== '')
    .slice(0, 2)
    .join(' · ');
}

function said(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isCondition))
    return conditionText(value as Where);
  if (Array.isArray(value)) return joined(value);
  if (typeof value !== 'object' || value === null) return '';
  if (isCondition(value)) return conditionText(value as Where);
  if ('unit' in value && 'value' in value) return duration(value as { value: number; unit: Unit });
  if ('name' in value && 'share' in value) return `${value.name} ${percent(Number(value.share) / 100)}`;
  return Object.entries(value)
    .map(([name, one]) => `${name} = ${said(one)}`)
    .join(', ');
}

const joined = (values: readonly unknown[]): string =>
  values
    .map(said)
    .filter((text) => text !== '')
    .join(', ');

const isCondition = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ['op', 'all', 'any', 'not'].some((name) => name in value);
