/** An event opened: all of its params, why a move went this way, and what is known about the event itself. */
import { Anchor, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { preciseTime } from '../../app/format';
import { t } from '../../app/messages';
import { CopyButton } from '../../ui/CopyButton';
import classes from './EventDetails.module.css';
import type { Activity } from './queries';
import { isMove } from './stream';
import { Value } from './Value';

export function EventDetails({ event }: { event: Activity }) {
  const { journey, node } = event;
  return (
    <div className={classes.details}>
      <Facts
        title={t('event.params')}
        none={t('event.params.none')}
        facts={Object.entries(event.params).map(([name, value]) => [
          name,
          <Value key={name} value={value} />,
        ])}
      />
      {event.why !== null && (
        <Facts
          title={t('event.why')}
          facts={Object.entries(event.why).map(([name, value]) => [name, <Value key={name} value={value} />])}
        />
      )}
      <Facts
        title={t('event.facts')}
        facts={[
          [t('event.time'), preciseTime(event.time)],
          [t('event.received'), preciseTime(event.received_at)],
          ...(event.label === '' ? [] : [[t('event.label'), <bdi key="label">{event.label}</bdi>] as const]),
          [t('event.source'), <bdi key="source">{event.source}</bdi>],
          ...(isMove(event)
            ? [[t('event.tracked'), t(event.tracked ? 'activity.tracked' : 'activity.untracked')] as const]
            : []),
          ...(journey === null || node === null
            ? []
            : [
                [
                  t('event.node'),
                  <Anchor
                    key="node"
                    size="sm"
                    renderRoot={(props) => (
                      <Link to="/journeys/$id" params={{ id: journey }} search={{ node }} {...props} />
                    )}
                  >
                    {t('event.openNode')}
                  </Anchor>,
                ] as const,
              ]),
          [t('event.id'), <code key="id">{event.id}</code>],
        ]}
      />
      <div>
        <CopyButton text={() => JSON.stringify(event, null, 2)} label={t('event.copy')} />
      </div>
    </div>
  );
}

function Facts({
  title,
  none,
  facts,
}: {
  title: string;
  none?: string;
  facts: ReadonlyArray<readonly [string, ReactNode]>;
}) {
  return (
    <section>
      <Title order={4} className={classes.title}>
        {title}
      </Title>
      {facts.length === 0 ? (
        <p className={classes.none}>{none}</p>
      ) : (
        <dl className={classes.facts}>
          {facts.map(([name, value]) => (
            <div key={name} className={classes.fact}>
              <dt>
                <bdi>{name}</bdi>
              </dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
