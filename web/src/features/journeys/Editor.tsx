/** The editor of a journey: top bar, palette, canvas, panel. Holds the selection; the draft is `useDraft`'s. */
import { ActionIcon, Button, Group, Modal, Popover, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue, useDocumentTitle, useHotkeys } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type Edge, type ReactFlowInstance, ReactFlowProvider } from '@xyflow/react';
import {
  AlignVerticalSpaceAround,
  ChartNoAxesColumn,
  CircleCheck,
  Redo2,
  SlidersHorizontal,
  TriangleAlert,
  Undo2,
} from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api, data, type Schemas } from '../../api/client';
import { t } from '../../app/messages';
import { Canvas } from '../../canvas/Canvas';
import {
  added,
  connected,
  free,
  type GraphNode,
  outletsOf,
  pasted,
  STEP,
  withNode,
  without,
} from '../../canvas/graph';
import { tidied } from '../../canvas/layout';
import type { CardData, CardNode } from '../../canvas/NodeCard';
import { StateBadge } from '../../ui/StateBadge';
import { definitionOf, type graphOf, summaryOf } from './definition';
import { JourneySettings } from './JourneySettings';
import classes from './journey.module.css';
import { Lifecycle } from './Lifecycle';
import { NodePanel } from './NodePanel';
import { Palette } from './Palette';
import { type Issue, type Journey, statisticsQuery, useCreateJourney } from './queries';
import { type Saving, useDraft } from './useDraft';

const route = getRouteApi('/journeys/$id');
const NONE: readonly Issue[] = [];
const newId = () => `n${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;

export function Editor({ journey, types }: { journey: Journey; types: readonly Schemas['NodeType'][] }) {
  const draft = useDraft(journey);
  const { graph, edit } = draft;
  const readOnly = journey.state !== 'draft';
  const { node: chosen, tab = 'settings', analytics = false } = route.useSearch();
  const navigate = useNavigate({ from: '/journeys/$id' });
  const flow = useRef<ReactFlowInstance<CardNode, Edge>>(null);
  const clipboard = useRef<GraphNode[]>([]);
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(
    new Set(chosen === undefined ? [] : [chosen]),
  );
  useDocumentTitle(`${graph.name} · ${t('app.name')}`);

  const select = useCallback(
    (ids: ReadonlySet<string>) => {
      setSelected(ids);
      const [only] = ids.size === 1 ? ids : [];
      navigate({
        search: (now) => ({ ...now, node: only, tab: only === undefined ? undefined : now.tab }),
        replace: true,
      });
    },
    [navigate],
  );

  const [asked] = useDebouncedValue(graph, 400);
  const checked = useQuery({
    queryKey: ['validate', asked],
    queryFn: ({ signal }) =>
      data(api.POST('/api/v1/journeys/validate', { body: definitionOf(asked), signal })),
    enabled: !readOnly,
    placeholderData: keepPreviousData,
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
  const byType = useMemo(() => new Map(types.map((type) => [type.type, type])), [types]);

  const outlets = useCallback(
    (node: GraphNode) => {
      const missing = issues
        .filter((issue) => issue.node === node.id && issue.code === 'loose_outlet' && issue.field !== null)
        .map((issue) => issue.field as string);
      return outletsOf(node, byType.get(node.type)?.outlets ?? [], missing);
    },
    [byType, issues],
  );

  const cards = useMemo(() => {
    const found = new Map<string, CardData>();
    for (const node of graph.nodes) {
      const type = byType.get(node.type);
      if (type === undefined) continue;
      const one = numbers.get(node.id);
      const gone =
        one === undefined ? 0 : Object.values(one.left).reduce((sum, count) => sum + count, one.finished);
      found.set(node.id, {
        family: type.family,
        label: type.label,
        title: node.title || type.label,
        summary: summaryOf(node.settings),
        outlets: outlets(node),
        issues: issues.filter((issue) => issue.node === node.id).length,
        numbers:
          analytics && one !== undefined ? { entered: one.entered, waiting: one.waiting, gone } : undefined,
      });
    }
    return found;
  }, [graph, byType, outlets, issues, numbers, analytics]);

  const add = useCallback(
    (type: string, place?: { x: number; y: number }) => {
      const kind = byType.get(type);
      if (kind === undefined || readOnly) return;
      const [behind] = selected.size === 1 ? selected : [];
      const before = graph.nodes.find((node) => node.id === behind);
      const lowest = Math.max(0, ...graph.nodes.map((node) => node.position.y + STEP));
      const position =
        place !== undefined && flow.current !== null
          ? flow.current.screenToFlowPosition(place)
          : before !== undefined
            ? { x: before.position.x, y: before.position.y + STEP }
            : { x: graph.nodes[0]?.position.x ?? 0, y: graph.nodes.length === 0 ? 0 : lowest };
      const titles = new Set(graph.nodes.map((node) => node.title));
      const ways = kind.outlets ?? ['matched'];
      const node: GraphNode = {
        id: newId(),
        type,
        title: free(kind.label, titles),
        settings: {},
        outlets: {},
        position,
      };
      const open = before === undefined || kind.family === 'trigger' ? undefined : outlets(before)[0];
      edit((now) =>
        open === undefined || before === undefined
          ? added(now, node)
          : added(
              now,
              { ...node, outlets: ways[0] === undefined ? {} : { [ways[0]]: '' } },
              { from: before.id, outlet: open },
            ),
      );
      select(new Set([node.id]));
    },
    [byType, readOnly, selected, graph, outlets, edit, select],
  );

  const remove = useCallback(
    (ids: ReadonlySet<string>) => {
      if (readOnly || ids.size === 0) return;
      edit((now) => without(now, ids));
      select(new Set());
    },
    [readOnly, edit, select],
  );

  useHotkeys([
    ['mod+Z', () => !readOnly && draft.undo()],
    ['mod+shift+Z', () => !readOnly && draft.redo()],
    [
      'mod+C',
      () => {
        clipboard.current = graph.nodes.filter((node) => selected.has(node.id));
      },
    ],
    ['mod+V', () => !readOnly && edit((now) => pasted(now, clipboard.current, newId))],
  ]);

  // What was deleted, or undone, cannot stay selected.
  useEffect(() => {
    if ([...selected].some((id) => !graph.nodes.some((node) => node.id === id))) select(new Set());
  }, [graph, selected, select]);

  const [only] = selected.size === 1 ? selected : [];
  const node = graph.nodes.find((one) => one.id === only);
  const type = node === undefined ? undefined : byType.get(node.type);

  return (
    <ReactFlowProvider>
      <div className={classes.editor}>
        <header className={classes.bar}>
          <div className={classes.name}>
            <Group gap="sm" wrap="nowrap">
              {readOnly ? (
                <Text component="h1" fw={700} size="lg" className="mp-name">
                  <bdi>{graph.name}</bdi>
                </Text>
              ) : (
                <TextInput
                  aria-label={t('canvas.name')}
                  value={graph.name}
                  maxLength={200}
                  w={320}
                  onChange={(event) => {
                    const name = event.currentTarget.value;
                    if (name !== '') edit((now) => ({ ...now, name }), 'name');
                  }}
                />
              )}
              <StateBadge state={journey.state} version={journey.version} />
            </Group>
            <Group gap="sm" mt={6}>
              <Button
                size="compact-sm"
                variant={analytics ? 'light' : 'default'}
                aria-pressed={analytics}
                leftSection={<ChartNoAxesColumn size={16} aria-hidden="true" />}
                onClick={() =>
                  navigate({
                    search: (now) => ({ ...now, analytics: analytics ? undefined : true }),
                    replace: true,
                  })
                }
              >
                {t('canvas.analytics')}
              </Button>
              <Text size="sm" c="dimmed" role="status">
                {readOnly ? t('canvas.readOnly') : said(draft.saving)}
              </Text>
            </Group>
          </div>
          <Group gap="xs">
            {!readOnly && (
              <>
                <ActionIcon
                  variant="default"
                  size="lg"
                  aria-label={t('canvas.undo')}
                  disabled={!draft.canUndo}
                  onClick={draft.undo}
                >
                  <Undo2 size={18} />
                </ActionIcon>
                <ActionIcon
                  variant="default"
                  size="lg"
                  aria-label={t('canvas.redo')}
                  disabled={!draft.canRedo}
                  onClick={draft.redo}
                >
                  <Redo2 size={18} />
                </ActionIcon>
                <Button
                  variant="default"
                  leftSection={<AlignVerticalSpaceAround size={16} aria-hidden="true" />}
                  onClick={() => {
                    edit(tidied);
                    setTimeout(() => flow.current?.fitView({ maxZoom: 1, padding: 0.15 }), 0);
                  }}
                >
                  {t('canvas.tidy')}
                </Button>
                <Issues issues={issues} onJump={(id) => select(new Set([id]))} />
              </>
            )}
            <Button
              variant="default"
              leftSection={<SlidersHorizontal size={16} aria-hidden="true" />}
              onClick={() => setSettingsOpen(true)}
            >
              {t('canvas.settings')}
            </Button>
            <Lifecycle journey={journey} issues={issues.length} beforeActivation={draft.saveNow} />
          </Group>
        </header>
        <div className={classes.work}>
          {!readOnly && <Palette types={types} onAdd={add} />}
          <Canvas
            graph={graph}
            cards={cards}
            left={analytics ? (id, outlet) => numbers.get(id)?.left[outlet] ?? 0 : undefined}
            selected={selected}
            readOnly={readOnly}
            onInit={(instance) => {
              flow.current = instance;
            }}
            onSelect={select}
            onMove={(places) =>
              edit(
                (now) => ({
                  ...now,
                  nodes: now.nodes.map((one) => ({ ...one, position: places.get(one.id) ?? one.position })),
                }),
                'move',
              )
            }
            onConnect={(from, outlet, to) => edit((now) => connected(now, from, outlet, to))}
            onDelete={remove}
            onDisconnect={(edges) =>
              edit((now) =>
                edges.reduce((one, edge) => connected(one, edge.from, edge.outlet, undefined), now),
              )
            }
            onDropType={add}
          />
          {node !== undefined && type !== undefined && (
            <NodePanel
              key={node.id}
              journey={journey.id}
              graph={graph}
              node={node}
              type={type}
              outlets={outlets(node)}
              issues={issues.filter((issue) => issue.node === node.id)}
              numbers={numbers.get(node.id)}
              tracking={journey.tracking.find((one) => one.node === node.id)}
              tab={tab}
              readOnly={readOnly}
              onTab={(next) => navigate({ search: (now) => ({ ...now, tab: next }), replace: true })}
              onChange={(change, place) =>
                edit((now) => withNode(now, node.id, change), `${node.id} ${place}`)
              }
              onConnect={(outlet, target) => edit((now) => connected(now, node.id, outlet, target))}
              onDelete={() => remove(new Set([node.id]))}
              beforeTracking={async () => {
                if (!readOnly && draft.saving !== 'saved') await draft.saveNow();
              }}
              onClose={() => select(new Set())}
            />
          )}
        </div>
        {settingsOpen && (
          <JourneySettings
            settings={graph.settings}
            readOnly={readOnly}
            onChange={(settings, place) => edit((now) => ({ ...now, settings }), `settings ${place}`)}
            onClose={() => setSettingsOpen(false)}
          />
        )}
        {draft.saving === 'conflict' && <Conflict mine={graph} />}
      </div>
    </ReactFlowProvider>
  );
}

function said(saving: Saving): string {
  if (saving === 'saving') return t('canvas.saving');
  return saving === 'saved' ? t('canvas.saved') : t('canvas.unsaved');
}

function Issues({ issues, onJump }: { issues: readonly Issue[]; onJump: (node: string) => void }) {
  const Icon = issues.length === 0 ? CircleCheck : TriangleAlert;
  return (
    <Popover position="bottom-end" width={360} shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          disabled={issues.length === 0}
          leftSection={<Icon size={16} aria-hidden="true" />}
        >
          {issues.length === 0 ? t('canvas.noIssues') : t('canvas.issues', { count: issues.length })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('canvas.issues.title')}>
        <Text size="sm" fw={650} mb="xs">
          {t('canvas.issues.title')}
        </Text>
        <ul className={classes.issues}>
          {issues.map((issue) => (
            <li key={`${issue.code} ${issue.node} ${issue.field} ${issue.text}`}>
              <UnstyledButton
                className={classes.issue}
                disabled={issue.node === null}
                onClick={() => issue.node !== null && onJump(issue.node)}
              >
                <span>{issue.text}</span>
                <Text component="span" size="xs" c="dimmed">
                  {issue.fix}
                </Text>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function Conflict({ mine }: { mine: ReturnType<typeof graphOf> }) {
  const create = useCreateJourney();
  const navigate = useNavigate();
  const keep = async () => {
    const copy = await create.mutateAsync({
      ...definitionOf(mine),
      name: t('canvas.copyName', { name: mine.name }),
    });
    navigate({ to: '/journeys/$id', params: { id: copy.id } });
  };
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      title={t('canvas.conflict.title')}
      centered
    >
      <Text size="sm">{t('canvas.conflict.text')}</Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={() => window.location.reload()}>
          {t('canvas.conflict.theirs')}
        </Button>
        <Button loading={create.isPending} onClick={keep}>
          {t('canvas.conflict.copy')}
        </Button>
      </Group>
    </Modal>
  );
}
