/** The API keys of the workspace. */
import { Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { dateTime } from '../../app/format';
import { t } from '../../app/messages';
import { Failed, LoadingRows } from '../../ui/states';
import { Problem } from './Problem';
import { keysQuery, type ShownKey, useMakeKey } from './queries';
import { Section } from './Section';
import { ShownOnce } from './ShownOnce';

export function Keys() {
  const keys = useQuery(keysQuery);
  const [opened, { open, close }] = useDisclosure(false);
  const [shown, setShown] = useState<ShownKey>();
  return (
    <Section
      title={t('settings.keys')}
      text={t('settings.keys.text')}
      action={
        <Button leftSection={<Plus size={16} aria-hidden="true" />} onClick={open}>
          {t('settings.keys.new')}
        </Button>
      }
    >
      {keys.data === undefined ? (
        keys.isError ? (
          <Failed error={keys.error} onRetry={() => keys.refetch()} />
        ) : (
          <LoadingRows rows={2} />
        )
      ) : keys.data.keys.length === 0 ? (
        <Text size="sm">{t('settings.keys.none')}</Text>
      ) : (
        <Table verticalSpacing="sm">
          <Table.Caption className="mp-hidden">{t('settings.keys.table')}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('settings.keys.name')}</Table.Th>
              <Table.Th>{t('settings.keys.fingerprint')}</Table.Th>
              <Table.Th>{t('settings.keys.created')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {keys.data.keys.map((key) => (
              <Table.Tr key={key.fingerprint}>
                <Table.Td fw={600}>{key.name}</Table.Td>
                <Table.Td>
                  <code>{key.fingerprint}</code>
                </Table.Td>
                <Table.Td>{dateTime(key.created)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Modal
        opened={opened}
        onClose={close}
        centered
        title={t('settings.keys.new')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <KeyForm
          onMade={(key) => {
            close();
            setShown(key);
          }}
          onCancel={close}
        />
      </Modal>
      <ShownOnce made={shown} onDone={() => setShown(undefined)} />
    </Section>
  );
}

function KeyForm({ onMade, onCancel }: { onMade: (key: ShownKey) => void; onCancel: () => void }) {
  const [name, setName] = useState('');
  const make = useMakeKey();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate(name.trim(), { onSuccess: onMade });
      }}
    >
      <Stack gap="md">
        {make.isError && <Problem error={make.error} />}
        <TextInput
          label={t('settings.keys.new.name')}
          description={t('settings.keys.new.help')}
          required
          maxLength={64}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={make.isPending} disabled={name.trim() === ''}>
            {t('settings.keys.make')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
