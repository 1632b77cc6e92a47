/** The ledger: every message and web call, what became of it, and what was left out (D-7). */
import { Anchor, Button, Table, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FilterX, Send } from 'lucide-react';
import { ago, dateTime, time } from '../../app/format';
import { learn, t } from '../../app/messages';
import { effects as texts } from '../../app/messages/effects';
import { CopyButton } from '../../ui/CopyButton';
import { Page, Sheet } from '../../ui/Page';
import { Person } from '../../ui/Person';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import { useOpened } from '../../ui/workspace';
import { EffectDrawer } from './EffectDrawer';
import { EffectState } from './EffectState';
import classes from './effects.module.css';
import { Filters } from './Filters';
import { type Effect, effectsQuery } from './queries';
import { ReportLine } from './ReportLine';
import { reasonOf } from './reason';
import { choiceOf, isFiltered } from './search';

learn(texts);

const route = getRouteApi('/effects');

export function EffectsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const opened = useOpened();
  const effects = useInfiniteQuery({
    ...effectsQuery(choiceOf(search, opened ?? 0)),
    enabled: opened !== undefined,
  });
  const rows = effects.data?.pages.flatMap((page) => page.effects) ?? [];
  const open = (id: string | undefined) =>
    navigate({ search: (now) => ({ ...now, effect: id }), resetScroll: false });
  return (
    <Page
      title={t('effects.title')}
      actions={<CopyButton text={() => window.location.href} label={t('common.link')} />}
    >
      <ReportLine />
      <Sheet>
        <Filters />
        {effects.data === undefined ? (
          effects.isError ? (
            <Failed error={effects.error} onRetry={() => effects.refetch()} />
          ) : (
            <LoadingRows />
          )
        ) : rows.length === 0 ? (
          isFiltered(search) ? (
            <Empty
              icon={<FilterX size={26} />}
              title={t('effects.nothing.title')}
              text={t('effects.nothing.text')}
            >
              <Button variant="default" onClick={() => navigate({ search: {} })}>
                {t('effects.clear')}
              </Button>
            </Empty>
          ) : (
            <Empty
              icon={<Send size={26} />}
              title={t('effects.empty.title')}
              text={t('effects.empty.text')}
            />
          )
        ) : (
          <>
            <Rows rows={rows} onOpen={open} />
            {effects.hasNextPage && (
              <Button
                mt="sm"
                size="xs"
                variant="default"
                loading={effects.isFetchingNextPage}
                onClick={() => effects.fetchNextPage()}
              >
                {t('effects.more')}
              </Button>
            )}
          </>
        )}
      </Sheet>
      <EffectDrawer id={search.effect} onClose={() => open(undefined)} />
    </Page>
  );
}

function Rows({ rows, onOpen }: { rows: Effect[]; onOpen: (id: string) => void }) {
  return (
    <Table.ScrollContainer minWidth={900}>
      <Table verticalSpacing={7} highlightOnHover>
        <Table.Caption className="mp-hidden">{t('effects.table')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('effects.column.what')}</Table.Th>
            <Table.Th>{t('effects.column.who')}</Table.Th>
            <Table.Th>{t('effects.column.where')}</Table.Th>
            <Table.Th>{t('effects.column.state')}</Table.Th>
            <Table.Th>{t('effects.column.reason')}</Table.Th>
            <Table.Th className={classes.number}>{t('effects.column.attempts')}</Table.Th>
            <Table.Th>{t('effects.column.when')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.id}>
              <Table.Td>
                <UnstyledButton
                  className={classes.open}
                  aria-label={t('effects.open', {
                    channel: t(`effects.channel.${row.channel === 'email' ? 'email' : 'webhook'}`),
                    state: t(`effects.state.${row.state}`),
                  })}
                  onClick={() => onOpen(row.id)}
                >
                  {t(`effects.channel.${row.channel === 'email' ? 'email' : 'webhook'}`)}
                </UnstyledButton>
              </Table.Td>
              <Table.Td>
                <Person who={row.profile}>
                  {(name) => (
                    <Anchor
                      c="inherit"
                      renderRoot={(props) => (
                        <Link to="/profiles/$id" params={{ id: String(row.profile.profile) }} {...props} />
                      )}
                    >
                      {name}
                    </Anchor>
                  )}
                </Person>
              </Table.Td>
              <Table.Td>
                <bdi>{row.journey_name}</bdi>
                <div className={classes.detail}>
                  <bdi>{row.node_title}</bdi>
                </div>
              </Table.Td>
              <Table.Td>
                <EffectState state={row.state} />
              </Table.Td>
              <Table.Td className={classes.reason}>
                {reasonOf(row.reason)}
                {row.due !== null && row.attempts > 0 && (
                  <div>{t('effects.next', { time: time(row.due) })}</div>
                )}
              </Table.Td>
              <Table.Td className={classes.number}>{row.attempts}</Table.Td>
              <Table.Td className={classes.when} title={dateTime(row.created)}>
                {ago(row.created)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
