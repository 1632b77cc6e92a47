/** All workspaces, and the making of another. */
import { Badge, Button, Group, Modal, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { here, session, workspace } from '../../api/session';
import { useStore } from '../../api/store';
import { date, dateTime } from '../../app/format';
import { t } from '../../app/messages';
import { tell } from '../../ui/notices';
import { Failed, LoadingRows } from '../../ui/states';
import { DeleteDemo } from './DeleteDemo';
import { type ShownKey, workspacesQuery } from './queries';
import { Section } from './Section';
import { ShownOnce } from './ShownOnce';
import { WorkspaceForm } from './WorkspaceForm';
import classes from './Workspaces.module.css';

export function Workspaces() {
  const workspaces = useQuery(workspacesQuery);
  const state = useStore(session);
  const chosen = useStore(workspace);
  const [opened, { open, close }] = useDisclosure(false);
  const [shown, setShown] = useState<ShownKey>();
  const known = 'session' in state ? state.session.workspaces : [];
  const present = here(known, chosen)?.name;
  const own = known.find((one) => !one.demo)?.name;
  return (
    <Section
      title={t('settings.workspaces')}
      text={t('settings.workspaces.text')}
      action={
        <Button variant="default" leftSection={<Plus size={16} aria-hidden="true" />} onClick={open}>
          {t('settings.workspaces.new')}
        </Button>
      }
    >
      {workspaces.data === undefined ? (
        workspaces.isError ? (
          <Failed error={workspaces.error} onRetry={() => workspaces.refetch()} />
        ) : (
          <LoadingRows rows={3} />
        )
      ) : (
        <Table.ScrollContainer minWidth={720}>
          <Table verticalSpacing="sm">
            <Table.Caption className="mp-hidden">{t('settings.workspaces.table')}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('settings.workspaces.name')}</Table.Th>
                <Table.Th>{t('settings.workspaces.clock')}</Table.Th>
                <Table.Th>{t('settings.workspaces.now')}</Table.Th>
                <Table.Th>{t('settings.workspaces.zone')}</Table.Th>
                <Table.Th>{t('settings.workspaces.created')}</Table.Th>
                <Table.Th>
                  <span className="mp-hidden">{t('common.actions')}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {workspaces.data.workspaces.map((one) => (
                <Table.Tr key={one.name}>
                  <Table.Td fw={600}>
                    {one.name}{' '}
                    {one.demo && (
                      <Badge variant="light" className={classes.simulated}>
                        {t('settings.demo')}
                      </Badge>
                    )}
                  </Table.Td>
                  <Table.Td>{t(`settings.clock.${one.clock}`)}</Table.Td>
                  <Table.Td>{dateTime(one.now)}</Table.Td>
                  <Table.Td>{one.timezone}</Table.Td>
                  <Table.Td>{date(one.created)}</Table.Td>
                  <Table.Td>
                    <Group gap="xs" justify="flex-end" wrap="nowrap">
                      {one.demo && own !== undefined && <DeleteDemo name={one.name} own={own} />}
                      {one.name === present ? (
                        <Badge variant="light" className={classes.here}>
                          {t('settings.workspaces.here')}
                        </Badge>
                      ) : (
                        <Button
                          size="xs"
                          variant="default"
                          renderRoot={(props) => (
                            <Link to="/journeys" search={{ workspace: one.name }} {...props} />
                          )}
                          aria-label={`${t('settings.workspaces.open')}: ${one.name}`}
                        >
                          {t('settings.workspaces.open')}
                        </Button>
                      )}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Modal
        opened={opened}
        onClose={close}
        centered
        title={t('settings.workspaces.new')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <WorkspaceForm
          onMade={({ workspace: made, key }) => {
            close();
            tell(t('settings.workspaces.made', { name: made.name }));
            setShown(key);
          }}
          onCancel={close}
        />
      </Modal>
      <ShownOnce made={shown} onDone={() => setShown(undefined)} />
    </Section>
  );
}
