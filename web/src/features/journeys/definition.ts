/** Between the definition that the server keeps and the graph that is drawn. Pure. */
import type { Schemas } from '../../api/client';
import type { Graph } from '../../canvas/graph';
import { tidied } from '../../canvas/layout';

type Given = Schemas['Definition-Output'];
type Sent = Schemas['Definition-Input'];

/** The graph; where nodes have no place yet, all of them are given one. */
export function graphOf(definition: Given): Graph {
  const nodes = (definition.nodes ?? []).map((node) => ({
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
  return (definition.nodes ?? []).every((node) => node.position) ? graph : tidied(graph);
}

export function definitionOf(graph: Graph): Sent {
  return { name: graph.name, nodes: graph.nodes, settings: graph.settings } as Sent;
}

/** One line that says what a node is set to: its first settings that say something. */
export function summaryOf(settings: Record<string, unknown>): string {
  return Object.values(settings)
    .map(said)
    .filter((text) => text !== '')
    .slice(0, 2)
    .join(' · ');
}

function said(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value))
    return value
      .map(said)
      .filter((text) => text !== '')
      .join(', ');
  if (typeof value !== 'object' || value === null) return '';
  const part = value as Record<string, unknown>;
  if ('unit' in part && 'value' in part) return `${part.value} ${part.unit}${part.value === 1 ? '' : 's'}`;
  if ('name' in part && 'share' in part) return `${part.name} ${part.share} %`;
  if ('op' in part)
    return `${part.param ?? part.attribute} ${String(part.op).replaceAll('_', ' ')} ${said(part.value)}`.trim();
  return Object.values(part)
    .map(said)
    .filter((text) => text !== '')
    .join(', ');
}
