/** One hour, or the backlog: where these customers wait, and what may go out then. */
import { Anchor, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { CornerDownRight } from 'lucide-react';
import { momentWriter, number } from '../../app/format';
import { t } from '../../app/messages';
import { Sheet } from '../../ui/Page';
import classes from './calendar.module.css';
import type { Calendar, Place } from './queries';
import { BACKLOG } from './search';

const CHANNELS = ['email', 'webhook'] as const;

export function HourSheet({ calendar, at }: { calendar: Calendar; at: string | undefined }) {
  if (at === undefined)
    return (
      <Sheet>
        <Text size="sm" c="dimmed">
          {t('calendar.hour.pick')}
        </Text>
      </Sheet>
    );
  const rows = rowsOf(calendar, at);
  const total = rows.reduce((sum, row) => sum + row.timers, 0);
  return (
    <Sheet>
      <Title order={2} size="h4">
        {titleOf(calendar, at)}
      </Title>
      {at === BACKLOG && (
        <Text size="sm" c="dimmed">
          {t('calendar.backlog.text')}
        </Text>
      )}
      <Group gap="md" mb="sm" role="status">
        <Text size="sm">
          {total === 0 ? t('calendar.hour.nothing') : t('calendar.hour.timers', { count: total })}
        </Text>
        {CHANNELS.map((channel) => [channel, leadingTo(rows, channel)] as const)
          .filter(([, count]) => count > 0)
          .map(([channel, count]) => (
            <Text size="sm" key={channel}>
              {t('calendar.hour.channel', { count, channel: t(`calendar.channel.${channel}`) })}
            </Text>
          ))}
      </Group>
      <ul className={classes.rows}>
        {rows.map(({ place, timers }) => (
          <li key={`${place.journey} ${place.version} ${place.node}`} className={classes.row}>
            <div>
              <div className={classes.detail}>
                <bdi>{place.journey_name}</bdi> v{place.version}
              </div>
              <NodeLink journey={place.journey} node={place.node} text={place.title} />
              {place.messages.length === 0 ? (
                <div className={classes.detail}>{t('calendar.nothingOut')}</div>
              ) : (
                place.messages.map((message) => (
                  <div key={message.node} className={classes.out}>
                    <CornerDownRight size={14} aria-hidden="true" />
                    <NodeLink journey={place.journey} node={message.node} text={message.title} />
                    <span className={classes.detail}>{t(`calendar.channel.${message.channel}`)}</span>
                  </div>
                ))
              )}
              {place.journey_state === 'paused' && <div className={classes.late}>{t('calendar.paused')}</div>}
            </div>
            <div className={classes.number}>{number(timers)}</div>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

interface Row {
  place: Place;
  timers: number;
}

function rowsOf(calendar: Calendar, at: string): Row[] {
  if (at === BACKLOG)
    return calendar.places
      .filter((place) => place.backlog > 0)
      .map((place) => ({ place, timers: place.backlog }));
  const hour = calendar.hours.find((one) => one.at === at);
  return (hour?.loads ?? []).flatMap((load) => {
    const place = calendar.places[load.place];
    return place === undefined ? [] : [{ place, timers: load.timers }];
  });
}

const leadingTo = (rows: readonly Row[], channel: string): number =>
  rows
    .filter(({ place }) => place.messages.some((message) => message.channel === channel))
    .reduce((sum, { timers }) => sum + timers, 0);

function titleOf(calendar: Calendar, at: string): string {
  if (at === BACKLOG) return t('calendar.backlog');
  const day = momentWriter({ weekday: 'long', day: 'numeric', month: 'long' }, calendar.timezone);
  const hour = momentWriter({ hour: '2-digit', minute: '2-digit' }, calendar.timezone);
  return t('calendar.hour', { day: day(at), hour: hour(at) });
}

function NodeLink({ journey, node, text }: { journey: string; node: string; text: string }) {
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => (
        <Link to="/journeys/$id" params={{ id: journey }} search={{ node }} {...props} />
      )}
    >
      <bdi>{text}</bdi>
    </Anchor>
  );
}
