/** Where the customer is now: in which journeys, at which nodes, since when, and until when. */
import { Anchor, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Clock, Hourglass } from 'lucide-react';
import { ago, dateTime } from '../../app/format';
import { t } from '../../app/messages';
import { Sheet } from '../../ui/Page';
import { usePresent } from '../../ui/workspace';
import pages from './CardPage.module.css';
import type { Card } from './queries';
import classes from './Standings.module.css';

export function Standings({ who }: { who: Card }) {
  const present = usePresent();
  return (
    <Sheet className={`${pages.side} ${pages.last}`}>
      <Title order={2} size="h5" mb="sm">
        {t('card.journeys')}
      </Title>
      {who.journeys.length === 0 ? (
        <p className={classes.none}>{t('card.journeys.none')}</p>
      ) : (
        <ul className={classes.list}>
          {who.journeys.map((one) => (
            <li key={one.path} className={classes.standing}>
              <Anchor
                fw={600}
                size="sm"
                className="mp-name"
                renderRoot={(props) => (
                  <Link
                    to="/journeys/$id"
                    params={{ id: one.journey }}
                    search={{ node: one.node }}
                    {...props}
                  />
                )}
              >
                {one.name}
              </Anchor>
              <p className={classes.node}>
                <bdi>{one.title}</bdi>
              </p>
              <p className={classes.time}>
                <Clock size={13} aria-hidden="true" />{' '}
                {t('card.standing.since', { date: dateTime(one.since) })}
              </p>
              <p className={classes.time}>
                <Hourglass size={13} aria-hidden="true" />{' '}
                {one.until === null || one.until === undefined
                  ? t('card.standing.event')
                  : t('card.standing.until', { ago: ago(one.until, present), date: dateTime(one.until) })}
              </p>
              <Anchor
                size="xs"
                className={classes.steps}
                renderRoot={(props) => (
                  <Link
                    to="/profiles/$id"
                    params={{ id: String(who.profile) }}
                    search={{ run: one.run }}
                    {...props}
                  />
                )}
              >
                {t('card.standing.show')}
              </Anchor>
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}
