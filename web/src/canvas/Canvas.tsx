/** The graph, drawn: selecting, moving, connecting, deleting. Every edit is handed up; only what is under the hand is kept. */
import {
  applyEdgeChanges,
  applyNodeChanges,
  Background,
  Controls,
  getViewportForBounds,
  MiniMap,
  type NodeChange,
  Panel,
  ReactFlow,
  SelectionMode,
  useNodesInitialized,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { Zap } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { t } from '../app/messages';
import { type Acts, ActsContext } from './acts';
import classes from './canvas.module.css';
import { type CardNode, nodesOf, waysOf } from './drawing';
import { LOOKS } from './families';
import { branch, type Graph, type Position, type Way } from './graph';
import { type CardData, NodeCard } from './NodeCard';
import { HEIGHT, WIDTH } from './place';
import { type WayEdge, WayLine } from './Way';

const nodeTypes = { card: NodeCard };
const edgeTypes = { way: WayLine };
const LINES = { light: '#76829a', dark: '#8591aa' };
export const FIT = { maxZoom: 1, padding: 0.12 };
const FURTHEST = 0.04;
/** Below it, the words on the nodes are hard to read. */
const LEGIBLE = 0.7;
/** Below a node that counts as in view. */
const MARGIN = 24;
/** Kept from drawing to drawing: React Flow listens anew for others, misses a key that is let go meanwhile, and is deaf. */
const DELETING = ['Delete', 'Backspace'];
const ONE_MORE = ['Shift', 'Meta', 'Control'];
export const DRAGGED = 'application/milepost-node';

interface Props {
  graph: Graph;
  cards: ReadonlyMap<string, CardData>;
  /** How many took a way, in analytics mode. */
  counts?: (node: string, outlet: string) => string;
  selected: ReadonlySet<string>;
  acts: Acts;
  onSelect: (ids: ReadonlySet<string>) => void;
  onMove: (places: ReadonlyMap<string, Position>) => void;
  onConnect: (from: string, outlet: string, to: string) => void;
  onDelete: (ids: ReadonlySet<string>, ways: readonly Way[]) => void;
  /** With `way`, between the two nodes of it. */
  onDropType: (type: string, place: Position, way?: Way) => void;
}

export function Canvas(props: Props) {
  const { graph, cards, counts, selected, acts } = props;
  const { readOnly } = acts;
  const scheme = useComputedColorScheme('light');
  const flow = useReactFlow<CardNode, WayEdge>();
  const frame = useRef<HTMLDivElement>(null);
  const [nodes, setNodes] = useState<CardNode[]>(() => nodesOf(graph, cards, selected, []));
  const [ways, setWays] = useState<WayEdge[]>([]);
  const chosen = useRef(selected);
  chosen.current = selected;

  useEffect(() => setNodes((now) => nodesOf(graph, cards, selected, now)), [graph, cards, selected]);
  useEffect(
    () => setWays((now) => waysOf(graph, cards, counts, LINES[scheme], now)),
    [graph, cards, counts, scheme],
  );
  const opened = useOpened(frame);
  useRevealed(selected, frame);

  const onNodesChange = (changes: NodeChange<CardNode>[]) => {
    // The graph says what there is and what is selected; the rest, as sizes and the places under the hand, stays here.
    setNodes((now) =>
      applyNodeChanges(
        changes.filter((change) => change.type !== 'remove' && change.type !== 'select'),
        now,
      ),
    );
    const places = new Map<string, Position>();
    let next: Set<string> | undefined;
    for (const change of changes) {
      if (change.type === 'position' && change.position !== undefined && !change.dragging)
        places.set(change.id, {
          x: Math.round(change.position.x),
          y: Math.round(change.position.y),
        });
      if (change.type === 'select') {
        next ??= new Set(chosen.current);
        if (change.selected) next.add(change.id);
        else next.delete(change.id);
      }
    }
    if (places.size > 0 && !readOnly) props.onMove(places);
    if (next !== undefined) {
      chosen.current = next;
      props.onSelect(next);
    }
  };

  /** The way under the pointer. */
  const wayAt = (x: number, y: number) => {
    const ids = document
      .elementsFromPoint(x, y)
      .map((element) => element.closest<HTMLElement>('.react-flow__edge, [data-way]'))
      .map((element) => element?.dataset.way ?? element?.dataset.id);
    return ways.find((way) => ids.includes(way.id));
  };
  const lightUp = (under: WayEdge | undefined) =>
    setWays((now) =>
      now.some((way) => way.animated !== (way.id === under?.id))
        ? now.map((way) => ({ ...way, animated: way.id === under?.id }))
        : now,
    );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only receives what is dragged; the palette also adds by click
    <div
      ref={frame}
      className={classes.canvas}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        lightUp(wayAt(event.clientX, event.clientY));
      }}
      onDragLeave={() => lightUp(undefined)}
      onDrop={(event) => {
        const type = event.dataTransfer.getData(DRAGGED);
        if (type === '') return;
        const way = wayAt(event.clientX, event.clientY);
        lightUp(undefined);
        // What lies where it was put shall not jump.
        opened.current = true;
        const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
        props.onDropType(
          type,
          { x: Math.round(x - WIDTH / 2), y: Math.round(y - HEIGHT / 4) },
          way && { from: way.source, outlet: way.data?.outlet ?? 'next' },
        );
      }}
    >
      <ActsContext value={acts}>
        <ReactFlow
          nodes={nodes}
          edges={ways}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          colorMode={scheme}
          onNodesChange={onNodesChange}
          onEdgesChange={(changes) =>
            setWays((now) =>
              applyEdgeChanges(
                changes.filter((change) => change.type !== 'remove'),
                now,
              ),
            )
          }
          onConnect={({ source, sourceHandle, target }) =>
            props.onConnect(source, sourceHandle ?? 'next', target)
          }
          onConnectEnd={(event, { isValid, fromNode, fromHandle, toNode }) => {
            const end = 'changedTouches' in event ? event.changedTouches[0] : event;
            if (isValid || toNode || !fromNode || fromHandle?.type !== 'source' || end === undefined) return;
            const { x, y } = flow.screenToFlowPosition({ x: end.clientX, y: end.clientY });
            acts.insert(
              { from: fromNode.id, outlet: fromHandle.id ?? 'next' },
              { x: Math.round(x - WIDTH / 2), y: Math.round(y) },
            );
          }}
          isValidConnection={({ source, target }) => !branch(graph, target).has(source)}
          onDelete={({ nodes: gone, edges }) =>
            props.onDelete(
              new Set(gone.map((node) => node.id)),
              edges.map((way) => ({ from: way.source, outlet: way.sourceHandle ?? 'next' })),
            )
          }
          nodesDraggable={!readOnly}
          nodesConnectable={!readOnly}
          deleteKeyCode={readOnly ? null : DELETING}
          multiSelectionKeyCode={ONE_MORE}
          selectionKeyCode="Shift"
          selectionMode={SelectionMode.Partial}
          connectionRadius={40}
          fitViewOptions={FIT}
          minZoom={FURTHEST}
          maxZoom={2}
          aria-label={t('canvas.graph')}
          ariaLabelConfig={WORDS}
        >
          {graph.nodes.length === 0 && !readOnly && (
            <Panel position="top-center" className={classes.empty}>
              <Zap size={18} aria-hidden="true" /> {t('canvas.empty')}
            </Panel>
          )}
          <Background gap={24} />
          <Controls showInteractive={false} fitViewOptions={FIT} />
          <MiniMap<CardNode>
            pannable
            zoomable
            className={classes.map}
            nodeColor={(node) => LOOKS[node.data.family].colour}
            nodeBorderRadius={8}
            ariaLabel={t('canvas.map')}
          />
        </ReactFlow>
      </ActsContext>
    </div>
  );
}

const WORDS = {
  'node.a11yDescription.default': t('canvas.a11y.node'),
  'node.a11yDescription.keyboardDisabled': t('canvas.a11y.readOnly'),
  'edge.a11yDescription.default': t('canvas.a11y.way'),
  'controls.ariaLabel': t('canvas.controls'),
  'controls.zoomIn.ariaLabel': t('canvas.zoomIn'),
  'controls.zoomOut.ariaLabel': t('canvas.zoomOut'),
  'controls.fitView.ariaLabel': t('canvas.fit'),
  'handle.ariaLabel': t('canvas.handle'),
};

/** A journey opens whole if it can then be read, else at its top. Whether it has opened. */
function useOpened(frame: RefObject<HTMLDivElement | null>): RefObject<boolean> {
  const flow = useReactFlow<CardNode, WayEdge>();
  const ready = useNodesInitialized();
  const opened = useRef(false);
  useEffect(() => {
    const box = frame.current;
    if (!ready || opened.current || box === null) return;
    opened.current = true;
    const bounds = flow.getNodesBounds(flow.getNodes());
    const whole = getViewportForBounds(
      bounds,
      box.clientWidth,
      box.clientHeight,
      FURTHEST,
      FIT.maxZoom,
      FIT.padding,
    );
    if (whole.zoom >= LEGIBLE) return void flow.setViewport(whole);
    const top = flow.getNodes().reduce((one, other) => (other.position.y < one.position.y ? other : one));
    flow.setViewport({
      x: box.clientWidth / 2 - (top.position.x + WIDTH / 2) * LEGIBLE,
      y: MARGIN - bounds.y * LEGIBLE,
      zoom: LEGIBLE,
    });
  }, [ready, flow, frame]);
  return opened;
}

/** A node that was selected from elsewhere, as from the list of issues, comes into view. */
function useRevealed(selected: ReadonlySet<string>, frame: RefObject<HTMLDivElement | null>) {
  const flow = useReactFlow<CardNode, WayEdge>();
  const ready = useNodesInitialized();
  const only = selected.size === 1 ? [...selected][0] : undefined;
  useEffect(() => {
    if (only === undefined || !ready) return;
    const asked = requestAnimationFrame(() => {
      const node = flow.getInternalNode(only);
      const box = frame.current?.getBoundingClientRect();
      if (node === undefined || box === undefined) return;
      const { x, y } = node.internals.positionAbsolute;
      const [width, height] = [node.measured.width ?? WIDTH, node.measured.height ?? HEIGHT];
      const first = flow.flowToScreenPosition({ x, y });
      const last = flow.flowToScreenPosition({ x: x + width, y: y + height });
      const seen =
        first.x >= box.left && first.y >= box.top && last.x <= box.right && last.y <= box.bottom - MARGIN;
      if (!seen)
        flow.setCenter(x + width / 2, y + height / 2, {
          zoom: Math.max(LEGIBLE, flow.getZoom()),
          duration: 200,
        });
    });
    return () => cancelAnimationFrame(asked);
  }, [only, ready, flow, frame]);
}
