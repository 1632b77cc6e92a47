/** Above the canvas: name, state and *Analytics* on the left, what can be done on the right. */
import { ActionIcon, Button, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import {
  AlignVerticalSpaceAround,
  ChartNoAxesColumn,
  Copy,
  Keyboard,
  ListTree,
  Redo2,
  SlidersHorizontal,
  Undo2,
} from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { t } from '../../app/messages';
import { StateBadge } from '../../ui/StateBadge';
import classes from './journey.module.css';
import { type Journey, useDuplicateJourney } from './queries';
import type { Saving } from './useDraft';

interface Props {
  journey: Journey;
  name: string;
  saving: Saving;
  readOnly: boolean;
  analytics: boolean;
  outline: boolean;
  undo?: () => void;
  redo?: () => void;
  onName: (name: string) => void;
  onAnalytics: () => void;
  onOutline: () => void;
  onTidy: () => void;
  onSettings: () => void;
  onShortcuts: () => void;
  /** Issues and the journey's life. */
  children: ReactNode;
}

export function TopBar(props: Props) {
  const { journey, readOnly, analytics, outline } = props;
  return (
    <header className={classes.bar}>
      <div className={classes.name}>
        <Group gap="sm" wrap="nowrap">
          <h1 className={classes.title}>
            {readOnly ? <bdi>{props.name}</bdi> : <Name name={props.name} onName={props.onName} />}
          </h1>
          <StateBadge state={journey.state} version={journey.version} />
        </Group>
        <Group gap="xs" mt={6}>
          <Button
            size="compact-sm"
            variant={analytics ? 'light' : 'default'}
            aria-pressed={analytics}
            leftSection={<ChartNoAxesColumn size={16} aria-hidden="true" />}
            onClick={props.onAnalytics}
          >
            {t('canvas.analytics')}
          </Button>
          <Button
            size="compact-sm"
            variant={outline ? 'light' : 'default'}
            aria-pressed={outline}
            leftSection={<ListTree size={16} aria-hidden="true" />}
            onClick={props.onOutline}
          >
            {t('canvas.outline')}
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {readOnly ? t('canvas.readOnly') : said(props.saving)}
          </Text>
          {readOnly && <MakeCopy id={journey.id} />}
        </Group>
      </div>
      <Group gap="xs">
        {!readOnly && (
          <>
            <Act name={t('canvas.undo')} icon={<Undo2 size={18} />} act={props.undo} />
            <Act name={t('canvas.redo')} icon={<Redo2 size={18} />} act={props.redo} />
          </>
        )}
        <Act name={t('canvas.shortcuts')} icon={<Keyboard size={18} />} act={props.onShortcuts} />
        {!readOnly && (
          <Button
            variant="default"
            leftSection={<AlignVerticalSpaceAround size={16} aria-hidden="true" />}
            onClick={props.onTidy}
          >
            {t('canvas.tidy')}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<SlidersHorizontal size={16} aria-hidden="true" />}
          onClick={props.onSettings}
        >
          {t('canvas.settings')}
        </Button>
        {props.children}
      </Group>
    </header>
  );
}

function MakeCopy({ id }: { id: string }) {
  const duplicate = useDuplicateJourney();
  const navigate = useNavigate();
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={duplicate.isPending}
      leftSection={<Copy size={15} aria-hidden="true" />}
      onClick={() =>
        duplicate.mutate(id, {
          onSuccess: (copy) => navigate({ to: '/journeys/$id', params: { id: copy.id } }),
        })
      }
    >
      {t('canvas.makeCopy')}
    </Button>
  );
}

function Act({ name, icon, act }: { name: string; icon: ReactNode; act?: () => void }) {
  return (
    <Tooltip label={name} openDelay={400}>
      <ActionIcon variant="default" size="lg" aria-label={name} disabled={act === undefined} onClick={act}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

/** A journey always has a name: while the field is empty, it keeps the one before. */
function Name({ name, onName }: { name: string; onName: (name: string) => void }) {
  const [text, setText] = useState(name);
  useEffect(() => setText((now) => (now.trim() === '' ? now : name)), [name]);
  return (
    <TextInput
      aria-label={t('canvas.name')}
      classNames={{ input: classes.nameInput }}
      value={text}
      maxLength={200}
      dir="auto"
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        if (next.trim() !== '') onName(next);
      }}
      onBlur={() => setText(name)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
      }}
    />
  );
}

function said(saving: Saving): string {
  switch (saving) {
    case 'saved':
      return t('canvas.saved');
    case 'saving':
      return t('canvas.saving');
    case 'retrying':
      return t('canvas.retrying');
    default:
      return t('canvas.unsaved');
  }
}
