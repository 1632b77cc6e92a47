/** What a new workspace needs to be told. */
import { Button, Checkbox, Group, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { t } from '../../app/messages';
import { Problem } from './Problem';
import { useMakeWorkspace } from './queries';

interface Props {
  onMade: (made: Schemas['MadeWorkspace']) => void;
  onCancel: () => void;
}

const ZONES = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function WorkspaceForm({ onMade, onCancel }: Props) {
  const make = useMakeWorkspace();
  const [name, setName] = useState('');
  const [clock, setClock] = useState<'real' | 'virtual'>('real');
  const [now, setNow] = useState('');
  const [timezone, setTimezone] = useState(ZONES.includes(HERE) ? HERE : 'UTC');
  const [track, setTrack] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const begins = clock === 'virtual' && now !== '' ? { now: new Date(now).toISOString() } : {};
        make.mutate(
          { name: name.trim(), clock, timezone, track_by_default: track, ...begins },
          { onSuccess: onMade },
        );
      }}
    >
      <Stack gap="md">
        {make.isError && <Problem error={make.error} />}
        <TextInput
          label={t('settings.workspaces.name')}
          required
          maxLength={64}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Radio.Group
          label={t('settings.workspaces.clock')}
          value={clock}
          onChange={(value) => setClock(value as 'real' | 'virtual')}
        >
          <Stack gap="xs" mt="xs">
            {(['real', 'virtual'] as const).map((one) => (
              <Radio
                key={one}
                value={one}
                label={t(`settings.clock.${one}`)}
                description={t(`settings.clock.${one}.text`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {clock === 'virtual' && (
          <TextInput
            type="datetime-local"
            label={t('settings.workspaces.now.label')}
            required
            value={now}
            onChange={(event) => setNow(event.currentTarget.value)}
          />
        )}
        <Select
          label={t('settings.workspaces.zone')}
          value={timezone}
          data={ZONES}
          searchable
          limit={50}
          allowDeselect={false}
          onChange={(value) => value !== null && setTimezone(value)}
        />
        <Checkbox
          label={t('settings.workspaces.track')}
          description={t('settings.workspaces.track.help')}
          checked={track}
          onChange={(event) => setTrack(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={make.isPending} disabled={name.trim() === ''}>
            {t('settings.workspaces.make')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
