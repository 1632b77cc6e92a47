/** The selected node: its settings, its numbers, its switch. *Track datapoints* is in the lower left corner (D-1.5). */
import {
  ActionIcon,
  Button,
  Group,
  NativeSelect,
  ScrollArea,
  Stack,
  Switch,
  Tabs,
  Text,
  TextInput,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Copy, Trash2, X } from 'lucide-react';
import { api, data, type Schemas } from '../../api/client';
import { dateTime, number } from '../../app/format';
import { t, tOr } from '../../app/messages';
import { iconOf, LOOKS } from '../../canvas/families';
import { type Graph, type GraphNode, renamed } from '../../canvas/graph';
import { namesIn, namingSetting, outletName } from '../../canvas/outlets';
import { quoted } from '../../ui/explain';
import { SchemaForm } from '../../ui/form/SchemaForm';
import type { Schema } from '../../ui/form/schema';
import { tellError } from '../../ui/notices';
import classes from './journey.module.css';
import type { Issue, Switch as NodeSwitch, Statistics } from './queries';

interface Props {
  journey: string;
  graph: Graph;
  node: GraphNode;
  type: Schemas['NodeType'];
  outlets: readonly string[];
  /** Where they can lead. */
  targets: readonly GraphNode[];
  issues: readonly Issue[];
  numbers?: Statistics['nodes'][number];
  tracking?: NodeSwitch;
  tab: 'settings' | 'statistics' | 'tracking';
  readOnly: boolean;
  onTab: (tab: 'settings' | 'statistics' | 'tracking') => void;
  onChange: (change: Partial<GraphNode>, place: string) => void;
  onConnect: (outlet: string, target: string | undefined) => void;
  onDuplicate: () => void;
  onDelete: () => void;
  /** The server must know a node before its switch can be turned. */
  beforeTracking: () => Promise<void>;
  onClose: () => void;
}

export function NodePanel(props: Props) {
  const { journey, graph, node, type, outlets, issues, numbers, tracking, readOnly } = props;
  const Icon = iconOf(type.family, type.type);
  /** What is chosen is offered, though it could not be chosen now. */
  const offered = (outlet: string) =>
    graph.nodes.filter((one) => one.id === node.outlets[outlet] || props.targets.includes(one));
  const errors: Record<string, string> = {};
  for (const { field, text, fix } of issues) if (field !== null) errors[field] ??= quoted(`${text} ${fix}`);
  const naming = namingSetting(type.settings as Schema, type.outlets ?? []);
  const changed = (settings: Record<string, unknown>, field: string) => {
    if (field !== naming) return props.onChange({ settings }, field);
    const [before = [], after = []] = [node.settings, settings].map((one) =>
      field in one ? namesIn(one[field]) : (type.outlets ?? []),
    );
    props.onChange({ settings, outlets: renamed(node.outlets, before, after) }, field);
  };
  return (
    <aside className={classes.panel} aria-label={node.title || type.label}>
      <header className={classes.panelHead}>
        <span className={classes.dot} style={{ background: LOOKS[type.family].colour }} aria-hidden="true">
          <Icon size={16} />
        </span>
        <div className={classes.names}>
          <Text size="xs" c="dimmed">
            {type.label}
          </Text>
          <Text fw={650} component="bdi" truncate>
            {node.title || type.label}
          </Text>
        </div>
        <ActionIcon variant="subtle" color="gray" aria-label={t('panel.close')} onClick={props.onClose}>
          <X size={18} />
        </ActionIcon>
      </header>
      <Tabs
        value={props.tab}
        onChange={(tab) => props.onTab((tab ?? 'settings') as 'settings')}
        keepMounted={false}
        className={classes.tabs}
      >
        <Tabs.List px="md">
          <Tabs.Tab value="settings">{t('panel.settings')}</Tabs.Tab>
          <Tabs.Tab value="statistics">{t('panel.statistics')}</Tabs.Tab>
          <Tabs.Tab value="tracking">{t('panel.tracking')}</Tabs.Tab>
        </Tabs.List>
        <ScrollArea className={classes.panelBody} tabIndex={-1}>
          <Tabs.Panel value="settings" p="md">
            <Stack gap="md">
              <TextInput
                label={t('panel.title')}
                value={node.title}
                disabled={readOnly}
                maxLength={200}
                onChange={(event) => props.onChange({ title: event.currentTarget.value }, 'title')}
              />
              <SchemaForm
                schema={type.settings as Schema}
                value={node.settings}
                errors={errors}
                disabled={readOnly}
                onChange={changed}
              />
              {outlets.map((outlet) => (
                <NativeSelect
                  key={outlet}
                  label={t('panel.connect', { outlet: outletName(outlet) })}
                  disabled={readOnly}
                  value={node.outlets[outlet] ?? ''}
                  data={[
                    { value: '', label: t('panel.nowhere') },
                    ...offered(outlet).map((one) => ({ value: one.id, label: one.title || one.id })),
                  ]}
                  onChange={(event) => props.onConnect(outlet, event.currentTarget.value || undefined)}
                />
              ))}
              {!readOnly && (
                <Group gap="xs" grow>
                  <Button
                    variant="default"
                    leftSection={<Copy size={16} aria-hidden="true" />}
                    onClick={props.onDuplicate}
                  >
                    {t('common.duplicate')}
                  </Button>
                  <Button
                    variant="default"
                    c="var(--mp-danger)"
                    leftSection={<Trash2 size={16} aria-hidden="true" />}
                    onClick={props.onDelete}
                  >
                    {t('common.delete')}
                  </Button>
                </Group>
              )}
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="statistics" p="md">
            {numbers !== undefined && <Numbers numbers={numbers} />}
            <Button
              mt="md"
              variant="default"
              renderRoot={(given) => <Link {...given} to="/profiles" search={{ journey, node: node.id }} />}
            >
              {t('panel.crm')}
            </Button>
          </Tabs.Panel>
          <Tabs.Panel value="tracking" p="md">
            <Intervals tracking={tracking} />
          </Tabs.Panel>
        </ScrollArea>
      </Tabs>
      <footer className={classes.track}>
        <Track
          journey={journey}
          node={node.id}
          on={tracking?.on ?? (type.family === 'trigger' || type.family === 'end')}
          before={props.beforeTracking}
        />
      </footer>
    </aside>
  );
}

interface TrackProps {
  journey: string;
  node: string;
  on: boolean;
  before: () => Promise<void>;
}

function Track({ journey, node, on, before }: TrackProps) {
  const queries = useQueryClient();
  const turn = useMutation({
    mutationFn: async (next: boolean) => {
      await before();
      return data(
        api.PUT('/api/v1/journeys/{id}/nodes/{node}/tracking', {
          params: { path: { id: journey, node } },
          body: { on: next },
        }),
      );
    },
    onError: tellError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['journey', journey] }),
  });
  return (
    <Switch
      label={t('panel.track')}
      description={t('panel.track.text')}
      checked={turn.isPending ? turn.variables : on}
      onChange={(event) => turn.mutate(event.currentTarget.checked)}
    />
  );
}

function Numbers({ numbers }: { numbers: Statistics['nodes'][number] }) {
  const rows: [string, number][] = [
    [t('canvas.entered'), numbers.entered],
    [t('canvas.waiting'), numbers.waiting],
    ...Object.entries(numbers.left).map(([outlet, count]): [string, number] => [
      t('canvas.out', { outlet: outletName(outlet) }),
      count,
    ]),
    ...(numbers.finished > 0 ? [[t('canvas.finished'), numbers.finished] as [string, number]] : []),
    ...Object.entries(numbers.exited).map(([reason, count]): [string, number] => [
      tOr(`exit.${reason}`, reason),
      count,
    ]),
  ];
  return (
    <dl className={classes.figures}>
      {rows.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{number(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Intervals({ tracking }: { tracking?: NodeSwitch }) {
  if (tracking === undefined || tracking.intervals.length === 0)
    return <Text size="sm">{t('panel.never')}</Text>;
  return (
    <Stack gap="xs">
      {tracking.intervals.map(({ from, to }) => (
        <Text key={from} size="sm">
          {to === null
            ? t('panel.since', { from: dateTime(from) })
            : t('panel.between', { from: dateTime(from), to: dateTime(to) })}
        </Text>
      ))}
      {tracking.changes.toReversed().map((change) => (
        <Group key={`${change.at} ${change.on}`} gap="xs" justify="space-between">
          <Text size="sm" component="bdi">
            {t(change.on ? 'panel.turnedOn' : 'panel.turnedOff', { who: change.who })}
          </Text>
          <Text size="xs" c="dimmed">
            {dateTime(change.at)}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
