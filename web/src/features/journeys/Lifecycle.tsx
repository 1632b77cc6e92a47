/** What can be done with a journey in its present state, each with words that say what happens (D-3.5). */
import { Button, Group, Tooltip } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, Square } from 'lucide-react';
import { useId, useState } from 'react';
import { api, data } from '../../api/client';
import { type MessageKey, t } from '../../app/messages';
import { Confirm } from '../../ui/Confirm';
import { tellError } from '../../ui/notices';
import type { Journey } from './queries';

const WORDS = {
  activate: ['canvas.activate', 'canvas.activate.title', 'canvas.activate.text'],
  pause: ['canvas.pause', 'canvas.pause.title', 'canvas.pause.text'],
  resume: ['canvas.resume', 'canvas.resume.title', 'canvas.resume.text'],
  finish: ['canvas.finish', 'canvas.finish.title', 'canvas.finish.text'],
  exit: ['canvas.exit', 'canvas.exit.title', 'canvas.exit.text'],
} as const satisfies Record<string, readonly [MessageKey, MessageKey, MessageKey]>;
type Command = keyof typeof WORDS;

const POSSIBLE: Record<Journey['state'], Command[]> = {
  draft: ['activate'],
  active: ['pause', 'finish', 'exit'],
  paused: ['resume', 'finish', 'exit'],
  finishing: ['exit'],
  finished: [],
};
const ICONS = { activate: Play, resume: Play, pause: Pause, finish: Square, exit: Square } as const;

interface Props {
  journey: Journey;
  issues: number;
  /** Make sure that what is activated is what is on the screen. */
  beforeActivation: () => Promise<void>;
}

export function Lifecycle({ journey, issues, beforeActivation }: Props) {
  const [asked, setAsked] = useState<Command>();
  const why = useId();
  const queries = useQueryClient();
  const run = useMutation({
    mutationFn: async (command: Command) => {
      const params = { path: { id: journey.id } };
      if (command === 'activate') {
        await beforeActivation();
        return data(api.POST('/api/v1/journeys/{id}/activate', { params }));
      }
      if (command === 'pause') return data(api.POST('/api/v1/journeys/{id}/pause', { params }));
      if (command === 'resume') return data(api.POST('/api/v1/journeys/{id}/resume', { params }));
      return data(api.POST('/api/v1/journeys/{id}/stop', { params, body: { mode: command, why: '' } }));
    },
    onError: tellError,
    onSettled: () => {
      setAsked(undefined);
      queries.invalidateQueries({ queryKey: ['journey', journey.id] });
      queries.invalidateQueries({ queryKey: ['journeys'] });
    },
  });
  const values = { name: journey.name };
  return (
    <Group gap="xs">
      {POSSIBLE[journey.state].map((command) => {
        const Icon = ICONS[command];
        const blocked = command === 'activate' && issues > 0;
        return (
          <Tooltip key={command} label={t('canvas.activate.blocked')} disabled={!blocked}>
            <Button
              variant={command === 'activate' || command === 'resume' ? 'filled' : 'default'}
              leftSection={<Icon size={16} aria-hidden="true" />}
              // Not `disabled`: it can be reached, and says why nothing happens.
              data-disabled={blocked || undefined}
              aria-disabled={blocked}
              aria-describedby={blocked ? why : undefined}
              onClick={() => !blocked && setAsked(command)}
            >
              {t(WORDS[command][0])}
            </Button>
          </Tooltip>
        );
      })}
      <span id={why} className="mp-hidden">
        {issues > 0 && t('canvas.activate.blocked')}
      </span>
      {asked !== undefined && (
        <Confirm
          opened
          title={t(WORDS[asked][1], values as never)}
          text={t(WORDS[asked][2])}
          confirm={t(WORDS[asked][0])}
          danger={asked === 'exit'}
          busy={run.isPending}
          onConfirm={() => run.mutate(asked)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Group>
  );
}
