/** The profiles behind a number, as of the moment at which it was computed; each leads to its card. */
import { Anchor, Button, Drawer, Group, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { t } from '../../app/messages';
import type { Cell } from '../../ui/csv';
import { saveCsv } from '../../ui/csv';
import { Person } from '../../ui/Person';
import { Failed, LoadingRows } from '../../ui/states';
import classes from './MembersDrawer.module.css';
import { type Answer, membersQuery, readAllMembers, type Person as Someone } from './queries';
import type { Members } from './search';
import { membersTitle } from './tables';

interface Props {
  answer: Answer | undefined;
  who: Members | undefined;
  onClose: () => void;
}

export function MembersDrawer({ answer, who, onClose }: Props) {
  const title = answer === undefined || who === undefined ? undefined : membersTitle(answer, who);
  return (
    <Drawer
      opened={title !== undefined}
      onClose={onClose}
      position="right"
      title={<bdi>{title}</bdi>}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {answer !== undefined && who !== undefined && <List question={answer.question} who={who} />}
    </Drawer>
  );
}

const KINDS = ['email', 'custom_id', 'phone', 'uuid'] as const;
const of = (person: Someone, kind: string): string =>
  person.identifiers
    .filter((one) => one.kind === kind)
    .map((one) => one.value)
    .join(', ');

function List({ question, who }: { question: Answer['question']; who: Members }) {
  const members = useInfiniteQuery(membersQuery(question, who));
  const save = useMutation({
    mutationFn: () => readAllMembers(question, who),
    onSuccess: (people) => {
      const rows: Cell[][] = [
        ['profile', t('common.name'), ...KINDS.map((kind) => t(`profiles.kind.${kind}`))],
        ...people.map((one) => [one.profile, one.name, ...KINDS.map((kind) => of(one, kind))]),
      ];
      saveCsv(t('members.file'), rows);
    },
  });
  if (members.data === undefined)
    return members.isError ? (
      <Failed error={members.error} onRetry={() => members.refetch()} />
    ) : (
      <LoadingRows />
    );
  const people = members.data.pages.flatMap((page) => page.profiles);
  const total = members.data.pages[0]?.total ?? 0;
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm" role="status">
          {total === 0 ? t('members.none') : t('profiles.count', { count: total })}
        </Text>
        {total > 0 && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Download size={15} aria-hidden="true" />}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('common.export')}
          </Button>
        )}
      </Group>
      <ul className={classes.list}>
        {people.map((one) => (
          <li key={one.profile}>
            <Person
              who={one}
              below={<bdi>{one.identifiers.map((identifier) => identifier.value).join(' · ')}</bdi>}
            >
              {(name) => (
                <Anchor
                  fw={600}
                  c="inherit"
                  renderRoot={(props) => (
                    <Link to="/profiles/$id" params={{ id: String(one.profile) }} {...props} />
                  )}
                >
                  {name}
                </Anchor>
              )}
            </Person>
          </li>
        ))}
      </ul>
      {members.hasNextPage && (
        <Button
          fullWidth
          mt="sm"
          variant="default"
          loading={members.isFetchingNextPage}
          onClick={() => members.fetchNextPage()}
        >
          {t('members.more')}
        </Button>
      )}
    </>
  );
}
