/** A new key: shown here, and never again. */
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import { t } from '../../app/messages';
import { Command } from '../../ui/Command';
import type { ShownKey } from './queries';

export function ShownOnce({ made, onDone }: { made: ShownKey | undefined; onDone: () => void }) {
  return (
    <Modal
      opened={made !== undefined}
      onClose={onDone}
      size="lg"
      centered
      closeOnClickOutside={false}
      title={t('settings.keys.shown.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {made !== undefined && (
        <Stack gap="md">
          <Alert variant="light" icon={<KeyRound size={18} aria-hidden="true" />}>
            {t('settings.keys.shown.text')}
          </Alert>
          <Command label={t('settings.keys.shown.label', { name: made.name })} text={made.key} />
          <Text size="sm" fw={600}>
            {t('settings.keys.shown.try')}
          </Text>
          <Command label={t('settings.keys.shown.try')} text={attempt(made.key)} />
          <Group justify="flex-end">
            <Button onClick={onDone}>{t('settings.keys.shown.done')}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

const attempt = (key: string): string =>
  [
    `curl ${window.location.origin}/api/v1/events \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    `  -d '${JSON.stringify({ profile: { email: 'ada@example.com' }, action: 'page.visit' })}'`,
  ].join('\n');
