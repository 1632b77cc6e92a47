/** All journeys of the workspace, with what goes on in each. */
import { ActionIcon, Anchor, Button, Group, Menu, Table, Text, TextInput, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Copy, Ellipsis, Plus, Route, Search, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ago, dateTime, number } from '../../app/format';
import { t } from '../../app/messages';
import { Confirm } from '../../ui/Confirm';
import { tell } from '../../ui/notices';
import { Page, Sheet } from '../../ui/Page';
import { StateBadge } from '../../ui/StateBadge';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import {
  type JourneyBrief,
  journeysQuery,
  useCreateJourney,
  useDeleteJourney,
  useDuplicateJourney,
} from './queries';

export function JourneysPage() {
  const journeys = useQuery(journeysQuery);
  const [text, setText] = useState('');
  const [doomed, setDoomed] = useState<JourneyBrief>();
  const navigate = useNavigate();
  const create = useCreateJourney();
  const remove = useDeleteJourney();

  const begin = () =>
    create.mutate(
      { name: t('journeys.newName') },
      { onSuccess: ({ id }) => navigate({ to: '/journeys/$id', params: { id } }) },
    );
  const button = (
    <Button leftSection={<Plus size={16} />} loading={create.isPending} onClick={begin}>
      {t('journeys.new')}
    </Button>
  );

  if (journeys.data === undefined) {
    return (
      <Page title={t('journeys.title')}>
        <Sheet>
          {journeys.isError ? (
            <Failed error={journeys.error} onRetry={() => journeys.refetch()} />
          ) : (
            <LoadingRows />
          )}
        </Sheet>
      </Page>
    );
  }

  const all = journeys.data.journeys;
  const shown = all.filter(({ name }) => name.toLocaleLowerCase().includes(text.toLocaleLowerCase()));
  return (
    <Page title={t('journeys.title')} actions={all.length > 0 && button}>
      <Sheet>
        {all.length === 0 ? (
          <Empty icon={<Route size={26} />} title={t('journeys.empty.title')} text={t('journeys.empty.text')}>
            <Group>
              {button}
              <Button
                variant="default"
                leftSection={<Send size={16} />}
                renderRoot={(props) => <Link to="/profiles" {...props} />}
              >
                {t('journeys.empty.event')}
              </Button>
            </Group>
          </Empty>
        ) : (
          <>
            <TextInput
              aria-label={t('journeys.find')}
              placeholder={t('journeys.find')}
              leftSection={<Search size={16} />}
              maw={300}
              mb="sm"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            {shown.length === 0 ? (
              <Text c="dimmed" p="lg">
                {t('journeys.nothingFound', { text })}
              </Text>
            ) : (
              <Rows journeys={shown} onDelete={setDoomed} />
            )}
          </>
        )}
      </Sheet>
      <Confirm
        opened={doomed !== undefined}
        title={t('journeys.delete.title')}
        text={t('journeys.delete.text', { name: doomed?.name ?? '' })}
        confirm={t('common.delete')}
        danger
        busy={remove.isPending}
        onClose={() => setDoomed(undefined)}
        onConfirm={() => {
          if (doomed === undefined) return;
          remove.mutate(doomed.id, {
            onSuccess: () => tell(t('journeys.deleted', { name: doomed.name })),
            onSettled: () => setDoomed(undefined),
          });
        }}
      />
    </Page>
  );
}

function Rows({
  journeys,
  onDelete,
}: {
  journeys: JourneyBrief[];
  onDelete: (journey: JourneyBrief) => void;
}) {
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Caption className="mp-hidden">{t('journeys.table')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('journeys.column.name')}</Table.Th>
            <Table.Th>{t('journeys.column.state')}</Table.Th>
            <Table.Th ta="right">{t('journeys.column.started')}</Table.Th>
            <Table.Th ta="right">{t('journeys.column.inProgress')}</Table.Th>
            <Table.Th ta="right">{t('journeys.column.finished')}</Table.Th>
            <Table.Th pl="xl">{t('journeys.column.changed')}</Table.Th>
            <Table.Th w={48}>
              <span className="mp-hidden">{t('common.actions')}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {journeys.map((journey) => (
            <Row key={journey.id} journey={journey} onDelete={onDelete} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ journey, onDelete }: { journey: JourneyBrief; onDelete: (journey: JourneyBrief) => void }) {
  const duplicate = useDuplicateJourney();
  const isDraft = journey.state === 'draft';
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          fw={600}
          c="inherit"
          className="mp-name"
          renderRoot={(props) => <Link to="/journeys/$id" params={{ id: journey.id }} {...props} />}
        >
          {journey.name}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <StateBadge state={journey.state} />
      </Table.Td>
      <Table.Td ta="right" className="mp-number">
        {number(journey.started)}
      </Table.Td>
      <Table.Td ta="right" className="mp-number">
        {number(journey.in_progress)}
      </Table.Td>
      <Table.Td ta="right" className="mp-number">
        {number(journey.finished)}
      </Table.Td>
      <Table.Td pl="xl">
        <Text
          component="time"
          size="sm"
          c="dimmed"
          dateTime={journey.updated}
          title={dateTime(journey.updated)}
        >
          {ago(journey.updated)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('common.actionsFor', { name: journey.name })}
            >
              <Ellipsis size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<Copy size={16} />}
              onClick={() =>
                duplicate.mutate(journey.id, { onSuccess: () => tell(t('journeys.duplicated')) })
              }
            >
              {t('common.duplicate')}
            </Menu.Item>
            <Tooltip label={t('journeys.delete.refused')} disabled={isDraft} multiline w={260}>
              <Menu.Item
                c="var(--mp-danger)"
                leftSection={<Trash2 size={16} />}
                aria-disabled={!isDraft}
                data-disabled={!isDraft || undefined}
                onClick={(event) => (isDraft ? onDelete(journey) : event.preventDefault())}
                closeMenuOnClick={isDraft}
              >
                {t('common.delete')}
              </Menu.Item>
            </Tooltip>
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  );
}
