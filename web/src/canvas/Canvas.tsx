/** The graph, drawn: selecting, moving, connecting, deleting. Every edit is handed up; nothing is kept here. */
import {
  Background,
  Controls,
  type Edge,
  MiniMap,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import { t } from '../app/messages';
import classes from './canvas.module.css';
import { LOOKS } from './families';
import type { Graph, Position } from './graph';
import { HEIGHT, WIDTH } from './layout';
import { type CardData, type CardNode, NodeCard } from './NodeCard';

const nodeTypes = { card: NodeCard };
const numbers = new Intl.NumberFormat();

interface Props {
  graph: Graph;
  cards: ReadonlyMap<string, CardData>;
  /** Moves along an outlet, in analytics mode. */
  left?: (node: string, outlet: string) => number;
  selected: ReadonlySet<string>;
  readOnly: boolean;
  onInit: (flow: ReactFlowInstance<CardNode, Edge>) => void;
  onSelect: (ids: ReadonlySet<string>) => void;
  onMove: (places: ReadonlyMap<string, Position>) => void;
  onConnect: (from: string, outlet: string, to: string) => void;
  onDelete: (ids: ReadonlySet<string>) => void;
  onDisconnect: (edges: { from: string; outlet: string }[]) => void;
  onDropType: (type: string, place: { x: number; y: number }) => void;
}

export const DRAGGED = 'application/milepost-node';

export function Canvas(props: Props) {
  const { graph, cards, left, selected, readOnly } = props;
  const scheme = useComputedColorScheme('light');
  const nodes = useMemo<CardNode[]>(
    () =>
      graph.nodes.flatMap((node) => {
        const data = cards.get(node.id);
        return data === undefined
          ? []
          : [
              {
                id: node.id,
                type: 'card',
                initialWidth: WIDTH,
                initialHeight: HEIGHT,
                position: node.position,
                data,
                selected: selected.has(node.id),
                ariaLabel: `${data.label}: ${data.title}`,
              },
            ];
      }),
    [graph, cards, selected],
  );
  const edges = useMemo<Edge[]>(
    () =>
      graph.nodes.flatMap((node) =>
        Object.entries(node.outlets).map(([outlet, target]) => {
          const several = (cards.get(node.id)?.outlets.length ?? 0) > 1;
          const name = several ? outlet.replaceAll('_', ' ') : '';
          const count = left === undefined ? '' : numbers.format(left(node.id, outlet));
          return {
            id: `${node.id} ${outlet}`,
            source: node.id,
            sourceHandle: outlet,
            target,
            label: [name, count].filter((part) => part !== '').join(' · ') || undefined,
            labelShowBg: true,
            labelBgPadding: [8, 4] as [number, number],
            labelBgBorderRadius: 10,
            type: 'smoothstep',
          };
        }),
      ),
    [graph, cards, left],
  );

  const onNodesChange = (changes: NodeChange<CardNode>[]) => {
    const places = new Map<string, Position>();
    let chosen: Set<string> | undefined;
    for (const change of changes) {
      if (change.type === 'position' && change.position !== undefined) places.set(change.id, change.position);
      if (change.type === 'select') {
        chosen ??= new Set(selected);
        if (change.selected) chosen.add(change.id);
        else chosen.delete(change.id);
      }
    }
    if (places.size > 0 && !readOnly) props.onMove(places);
    if (chosen !== undefined) props.onSelect(chosen);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only receives what is dragged; the palette also adds by click
    <div
      className={classes.canvas}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        const type = event.dataTransfer.getData(DRAGGED);
        if (type !== '') props.onDropType(type, { x: event.clientX, y: event.clientY });
      }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        onInit={props.onInit}
        onNodesChange={onNodesChange}
        onConnect={({ source, sourceHandle, target }) =>
          props.onConnect(source, sourceHandle ?? 'next', target)
        }
        onNodesDelete={(gone) => props.onDelete(new Set(gone.map((node) => node.id)))}
        onEdgesDelete={(gone) =>
          props.onDisconnect(gone.map((edge) => ({ from: edge.source, outlet: edge.sourceHandle ?? 'next' })))
        }
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        deleteKeyCode={readOnly ? null : ['Delete', 'Backspace']}
        multiSelectionKeyCode="Shift"
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
        minZoom={0.1}
        aria-label={t('canvas.graph')}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
        <MiniMap<CardNode>
          pannable
          nodeColor={(node) => LOOKS[node.data.family].colour}
          ariaLabel={t('canvas.map')}
        />
      </ReactFlow>
    </div>
  );
}
