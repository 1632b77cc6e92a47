/** What will go out, and when: timers due per hour, for the next 30 days. */
import { Button, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CalendarClock } from 'lucide-react';
import { useMemo } from 'react';
import { number } from '../../app/format';
import { learn, t } from '../../app/messages';
import { calendar as texts } from '../../app/messages/calendar';
import { CopyButton } from '../../ui/CopyButton';
import { journeysQuery } from '../../ui/journeys';
import { Page, Sheet } from '../../ui/Page';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import classes from './calendar.module.css';
import { Grid } from './Grid';
import { daysOf } from './grid';
import { HourSheet } from './HourSheet';
import { type Calendar, calendarQuery } from './queries';
import { BACKLOG, type CalendarSearch, CHANNELS } from './search';

learn(texts);

const route = getRouteApi('/calendar');

export function CalendarPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(calendarQuery(search.journey, search.channel));
  const { data: calendar } = query;
  const put = (change: Partial<CalendarSearch>) =>
    navigate({ search: (now) => ({ ...now, ...change }), resetScroll: false });
  return (
    <Page
      title={t('calendar.title')}
      actions={<CopyButton text={() => window.location.href} label={t('common.link')} />}
    >
      {calendar === undefined ? (
        <Sheet>
          {query.isError ? (
            <Failed error={query.error} onRetry={() => query.refetch()} />
          ) : (
            <LoadingRows rows={10} />
          )}
        </Sheet>
      ) : (
        <div className={classes.page}>
          <Sheet className={classes.days}>
            <Text size="sm" c="dimmed" mb="sm">
              {t('calendar.lead', { zone: calendar.timezone })}
            </Text>
            <Filters search={search} calendar={calendar} onPut={put} />
            <Days calendar={calendar} at={search.at} onPick={(at) => put({ at })} />
          </Sheet>
          {calendar.places.length > 0 && (
            <div className={classes.beside}>
              <HourSheet calendar={calendar} at={search.at} />
              <Text size="xs" c="dimmed" mt="sm">
                {t('calendar.note')}
              </Text>
            </div>
          )}
        </div>
      )}
    </Page>
  );
}

function Days({
  calendar,
  at,
  onPick,
}: {
  calendar: Calendar;
  at: string | undefined;
  onPick: (at: string) => void;
}) {
  const days = useMemo(
    () => daysOf(calendar.hours, calendar.since, calendar.until, calendar.timezone),
    [calendar],
  );
  if (calendar.hours.length === 0)
    return (
      <Empty
        icon={<CalendarClock size={26} />}
        title={t('calendar.empty.title')}
        text={t('calendar.empty.text')}
      />
    );
  return <Grid days={days} zone={calendar.timezone} here={at} onPick={onPick} />;
}

function Filters({
  search,
  calendar,
  onPut,
}: {
  search: CalendarSearch;
  calendar: Calendar;
  onPut: (change: Partial<CalendarSearch>) => void;
}) {
  const journeys = useQuery(journeysQuery).data?.journeys ?? [];
  const backlog = calendar.places.reduce((sum, place) => sum + place.backlog, 0);
  return (
    <div className={classes.filters}>
      <Select
        size="xs"
        className={classes.choice}
        aria-label={t('calendar.journey')}
        placeholder={t('calendar.journey.any')}
        clearable
        searchable
        clearButtonProps={{ 'aria-label': t('common.removeItem', { item: t('calendar.journey') }) }}
        data={journeys.map(({ id, name }) => ({ value: id, label: name }))}
        value={search.journey ?? null}
        onChange={(value) => onPut({ journey: value ?? undefined })}
      />
      <Select
        size="xs"
        className={classes.choice}
        aria-label={t('calendar.channel')}
        placeholder={t('calendar.channel.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('common.removeItem', { item: t('calendar.channel') }) }}
        data={CHANNELS.map((one) => ({ value: one, label: t(`calendar.channel.${one}`) }))}
        value={search.channel ?? null}
        onChange={(value) => onPut({ channel: CHANNELS.find((one) => one === value) })}
      />
      <span className={classes.spacer} />
      <Text size="sm" className={calendar.overdue > 0 ? classes.late : undefined} role="status">
        {calendar.overdue > 0
          ? t('calendar.overdue', { count: calendar.overdue })
          : t('calendar.overdue.none')}
      </Text>
      {backlog > 0 && (
        <Button size="xs" variant="default" onClick={() => onPut({ at: BACKLOG })}>
          {t('calendar.backlog')}: {number(backlog)}
        </Button>
      )}
    </div>
  );
}
