/** The editor of a journey: top bar, palette, canvas, panel. Holds the selection; the draft is `useDraft`'s. */
import { useDebouncedValue, useDocumentTitle } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ReactFlowProvider, useReactFlow, useStoreApi } from '@xyflow/react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { number } from '../../app/format';
import { t } from '../../app/messages';
import type { Acts } from '../../canvas/acts';
import { Canvas, FIT } from '../../canvas/Canvas';
import {
  added,
  branch,
  connected,
  free,
  type GraphNode,
  moved,
  newId,
  outletsOf,
  type Position,
  pasted,
  upstream,
  type Way,
  withNode,
  without,
} from '../../canvas/graph';
import type { CardData } from '../../canvas/NodeCard';
import { namesIn, namingSetting } from '../../canvas/outlets';
import { freeAt, placed } from '../../canvas/place';
import { FormName } from '../../ui/form/FormName';
import type { Schema } from '../../ui/form/schema';
import { LoadingRows } from '../../ui/states';
import { definitionOf, summaryOf } from './definition';
import { Issues } from './Issues';
import classes from './journey.module.css';
import { Lifecycle } from './Lifecycle';
import { NodePanel } from './NodePanel';
import { PALETTE_SEARCH, Palette } from './Palette';
import { type Issue, type Journey, statisticsQuery } from './queries';
import type { JourneySearch } from './search';
import { TopBar } from './TopBar';
import { useClipboard } from './useClipboard';
import { type Drawing, useDraft } from './useDraft';
import { useKeys } from './useKeys';

// What is opened now and then is loaded when it is.
const Clash = lazy(() => import('./Clash'));
const Insert = lazy(() => import('./Insert'));
const JourneySettings = lazy(() => import('./JourneySettings'));
const Outline = lazy(() => import('./Outline'));
const Shortcuts = lazy(() => import('./Shortcuts'));

const route = getRouteApi('/journeys/$id');
const NONE: readonly Issue[] = [];
const NOBODY: ReadonlySet<string> = new Set();

interface Props {
  journey: Journey;
  drawing: Drawing;
  types: readonly Schemas['NodeType'][];
}

export function Editor(props: Props) {
  return (
    <ReactFlowProvider>
      <Drawn {...props} />
    </ReactFlowProvider>
  );
}

type Dialog = { name: 'settings' | 'shortcuts' } | { name: 'insert'; way: Way; place?: Position };

function Drawn({ journey, drawing, types }: Props) {
  const draft = useDraft(journey, drawing);
  const { graph, edit } = draft;
  const readOnly = journey.state !== 'draft';
  const { node: chosen, tab = 'settings', analytics = false, outline = false } = route.useSearch();
  const navigate = useNavigate({ from: '/journeys/$id' });
  const flow = useReactFlow();
  const drawn = useStoreApi();
  const [dialog, setDialog] = useState<Dialog>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(
    new Set(chosen === undefined ? [] : [chosen]),
  );
  useDocumentTitle(`${graph.name} · ${t('app.name')}`);

  const look = useCallback(
    (change: (now: JourneySearch) => JourneySearch) => navigate({ search: change, replace: true }),
    [navigate],
  );
  const select = useCallback(
    (ids: ReadonlySet<string>) => {
      setSelected(ids);
      const [only] = ids.size === 1 ? ids : [];
      look((now) => ({ ...now, node: only, tab: only === undefined ? undefined : now.tab }));
    },
    [look],
  );

  const [asked] = useDebouncedValue(graph, 400);
  const checked = useQuery({
    queryKey: ['validate', asked],
    queryFn: ({ signal }) =>
      data(api.POST('/api/v1/journeys/validate', { body: definitionOf(asked), signal })),
    enabled: !readOnly,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const issues = readOnly ? NONE : (checked.data?.issues ?? NONE);
  const statistics = useQuery({
    ...statisticsQuery(journey.id),
    enabled: analytics || (chosen !== undefined && tab === 'statistics'),
  });
  const numbers = useMemo(
    () => new Map((statistics.data?.nodes ?? []).map((one) => [one.id, one])),
    [statistics.data],
  );
  const counts = useMemo(
    () =>
      analytics ? (id: string, outlet: string) => number(numbers.get(id)?.left[outlet] ?? 0) : undefined,
    [analytics, numbers],
  );
  const byType = useMemo(() => new Map(types.map((type) => [type.type, type])), [types]);

  const outlets = useCallback(
    (node: GraphNode) => {
      const missing = issues
        .filter((issue) => issue.node === node.id && issue.code === 'loose_outlet' && issue.field !== null)
        .map((issue) => issue.field as string);
      const type = byType.get(node.type);
      const ofType = type?.outlets ?? [];
      const naming = type && namingSetting(type.settings, ofType);
      const named = naming === undefined ? [] : namesIn(node.settings[naming]);
      return outletsOf(node, named.length > 0 ? named : ofType, missing);
    },
    [byType, issues],
  );

  const cards = useMemo(() => {
    const found = new Map<string, CardData>();
    const tracked = new Set(journey.tracking.filter((one) => one.on).map((one) => one.node));
    for (const node of graph.nodes) {
      const type = byType.get(node.type);
      if (type === undefined) continue;
      const one = numbers.get(node.id);
      const gone =
        one === undefined ? 0 : Object.values(one.left).reduce((sum, count) => sum + count, one.finished);
      found.set(node.id, {
        family: type.family,
        type: node.type,
        label: type.label,
        title: node.title || type.label,
        summary: summaryOf(node.settings, namesOf(type.settings)),
        outlets: outlets(node),
        issues: issues.filter((issue) => issue.node === node.id).length,
        tracked: tracked.has(node.id),
        numbers:
          analytics && one !== undefined ? { entered: one.entered, waiting: one.waiting, gone } : undefined,
      });
    }
    return found;
  }, [graph, byType, outlets, issues, numbers, analytics, journey.tracking]);

  /** On a way, at a place, or below everything. */
  const add = (type: string, way?: Way, place?: Position) => {
    const kind = byType.get(type);
    if (kind === undefined || readOnly) return;
    const id = newId();
    const [first] = kind.outlets ?? ['matched'];
    edit((now) => {
      const node = { id, type, title: free(kind.label, titlesOf(now.nodes)), settings: {}, outlets: {} };
      if (way === undefined) return added(now, { ...node, position: place ?? below(now.nodes) });
      const from = now.nodes.find((one) => one.id === way.from);
      const names = from === undefined ? [] : outlets(from);
      const { graph: roomy, position } = placed(now, way, names.indexOf(way.outlet) - (names.length - 1) / 2);
      const ways: Record<string, string> = first === undefined ? {} : { [first]: '' };
      return added(roomy, { ...node, outlets: ways, position: place ?? position }, way);
    });
    select(new Set([id]));
  };
  /** Behind the selected node: at its first loose end, or between it and what comes next. */
  const addBehind = (type: string) => {
    const [only] = selected.size === 1 ? selected : [];
    const before = graph.nodes.find((node) => node.id === only);
    const names = before === undefined || byType.get(type)?.family === 'trigger' ? [] : outlets(before);
    const open = names.find((name) => before?.outlets[name] === undefined) ?? names[0];
    add(type, before === undefined || open === undefined ? undefined : { from: before.id, outlet: open });
  };

  const paste = (nodes: readonly GraphNode[]) => {
    const known = nodes.filter((node) => byType.has(node.type));
    if (readOnly || known.length === 0) return;
    const ids: string[] = [];
    const next = () => {
      ids.push(newId());
      return ids.at(-1) as string;
    };
    edit((now) => {
      ids.length = 0;
      return pasted(now, known, next);
    });
    select(new Set(ids));
  };

  const remove = (ids: ReadonlySet<string>, ways: readonly Way[] = []) => {
    if (readOnly || ids.size + ways.length === 0) return;
    edit((now) => without(now, ids, ways));
    if (ids.size > 0) select(NOBODY);
  };

  useClipboard({ graph, selected, readOnly, remove, paste });
  useKeys({
    undo: () => !readOnly && draft.undo(),
    redo: () => !readOnly && draft.redo(),
    duplicate: () => paste(graph.nodes.filter((node) => selected.has(node.id))),
    all: () => select(new Set(graph.nodes.map((node) => node.id))),
    branch: () => select(new Set([...selected].flatMap((id) => [...branch(graph, id)]))),
    none: () => {
      drawn.getState().resetSelectedElements();
      select(NOBODY);
    },
    find: () => document.getElementById(PALETTE_SEARCH)?.focus(),
    help: () => setDialog({ name: 'shortcuts' }),
    zoomIn: () => flow.zoomIn({ duration: 150 }),
    zoomOut: () => flow.zoomOut({ duration: 150 }),
    fit: () => flow.fitView(FIT),
  });

  // What was deleted, or undone, cannot stay selected.
  useEffect(() => {
    const there = new Set(graph.nodes.map((node) => node.id));
    const left = [...selected].filter((id) => there.has(id));
    if (left.length < selected.size) select(new Set(left));
  }, [graph, selected, select]);

  const acts = useMemo<Acts>(
    () => ({
      readOnly,
      insert: (way, place) => setDialog({ name: 'insert', way, place }),
      numbers: (node) => navigate({ to: '/profiles', search: { journey: journey.id, node } }),
    }),
    [readOnly, navigate, journey.id],
  );

  const [only] = selected.size === 1 ? selected : [];
  const node = graph.nodes.find((one) => one.id === only);
  const type = node === undefined ? undefined : byType.get(node.type);
  const close = () => setDialog(undefined);
  /** Where a node can lead: not into a trigger, and not back to where one came from (D-3.1). */
  const targets = (id: string) => {
    const above = upstream(graph, id);
    return graph.nodes.filter((one) => byType.get(one.type)?.family !== 'trigger' && !above.has(one.id));
  };

  return (
    <div className={classes.editor}>
      <TopBar
        journey={journey}
        name={graph.name}
        saving={draft.saving}
        readOnly={readOnly}
        analytics={analytics}
        outline={outline}
        undo={draft.canUndo ? draft.undo : undefined}
        redo={draft.canRedo ? draft.redo : undefined}
        onName={(name) => edit((now) => ({ ...now, name }), 'name')}
        onAnalytics={() => look((now) => ({ ...now, analytics: analytics ? undefined : true }))}
        onOutline={() => look((now) => ({ ...now, outline: outline ? undefined : true }))}
        onTidy={async () => {
          const { tidied } = await import('../../canvas/layout');
          edit(tidied);
          setTimeout(() => flow.fitView(FIT), 0);
        }}
        onSettings={() => setDialog({ name: 'settings' })}
        onShortcuts={() => setDialog({ name: 'shortcuts' })}
      >
        {!readOnly && (
          <Issues
            issues={issues}
            title={(id) => cards.get(id)?.title ?? id}
            onJump={(id) => select(new Set([id]))}
          />
        )}
        <Lifecycle journey={journey} issues={issues.length} beforeActivation={draft.saveNow} />
      </TopBar>
      <div className={classes.work}>
        {!readOnly && <Palette types={types} onAdd={addBehind} />}
        {outline ? (
          <Suspense fallback={<LoadingRows />}>
            <Outline graph={graph} cards={cards} selected={selected} onSelect={select} />
          </Suspense>
        ) : (
          <Canvas
            graph={graph}
            cards={cards}
            counts={counts}
            selected={selected}
            acts={acts}
            onSelect={select}
            onMove={(places) => edit((now) => moved(now, places), `move ${[...places.keys()].join(' ')}`)}
            onConnect={(from, outlet, to) => edit((now) => connected(now, from, outlet, to))}
            onDelete={remove}
            onDropType={(dropped, place, way) => (way ? add(dropped, way) : add(dropped, undefined, place))}
          />
        )}
        {node !== undefined && type !== undefined && (
          <FormName key={node.id} value={node.id}>
            <NodePanel
              journey={journey.id}
              graph={graph}
              node={node}
              type={type}
              outlets={outlets(node)}
              targets={targets(node.id)}
              issues={issues.filter((issue) => issue.node === node.id)}
              numbers={numbers.get(node.id)}
              tracking={journey.tracking.find((one) => one.node === node.id)}
              tab={tab}
              readOnly={readOnly}
              onTab={(next) => look((now) => ({ ...now, tab: next }))}
              onChange={(change, place) =>
                edit((now) => withNode(now, node.id, change), `${node.id} ${place}`)
              }
              onConnect={(outlet, target) => edit((now) => connected(now, node.id, outlet, target))}
              onDuplicate={() => paste([node])}
              onDelete={() => remove(new Set([node.id]))}
              beforeTracking={async () => {
                if (!readOnly) await draft.saveNow();
              }}
              onClose={() => select(NOBODY)}
            />
          </FormName>
        )}
      </div>
      <Suspense>
        {dialog?.name === 'settings' && (
          <JourneySettings
            settings={graph.settings}
            readOnly={readOnly}
            onChange={(settings, place) => edit((now) => ({ ...now, settings }), `settings ${place}`)}
            onClose={close}
          />
        )}
        {dialog?.name === 'shortcuts' && <Shortcuts onClose={close} />}
        {dialog?.name === 'insert' && (
          <Insert
            graph={graph}
            way={dialog.way}
            types={types}
            onAdd={(added) => {
              add(added, dialog.way, dialog.place);
              close();
            }}
            onClose={close}
          />
        )}
        {(draft.saving === 'conflict' || draft.saving === 'gone') && (
          <Clash mine={graph} gone={draft.saving === 'gone'} onTheirs={draft.takeTheirs} />
        )}
      </Suspense>
    </div>
  );
}

/** Of the settings, in the order in which they matter: what must be filled in first. */
const namesOf = ({ required = [], properties = {} }: Schema) => [
  ...new Set([...required, ...Object.keys(properties)]),
];
const titlesOf = (nodes: readonly GraphNode[]) => new Set(nodes.map((node) => node.title));

function below(nodes: readonly GraphNode[]): Position {
  const [first] = nodes;
  return first === undefined
    ? { x: 0, y: 0 }
    : freeAt({ name: '', nodes: [...nodes], settings: {} }, first.position);
}
