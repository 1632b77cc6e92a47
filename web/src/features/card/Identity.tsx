/** Who it is: identifiers, attributes, tags, consents. */
import { Button, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, CircleHelp, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { ago, date, dateTime, preciseTime } from '../../app/format';
import { t, tOr } from '../../app/messages';
import { CopyButton } from '../../ui/CopyButton';
import { calledBy } from '../../ui/called';
import { Sheet } from '../../ui/Page';
import { PersonMark } from '../../ui/Person';
import { Tags } from '../../ui/Tags';
import { usePresent } from '../../ui/workspace';
import pages from './CardPage.module.css';
import classes from './Identity.module.css';
import { type Card, newsQuery } from './queries';
import { Value } from './Value';

const KNOWN = new Set(['custom_id', 'email', 'phone']);

export function Identity({ who }: { who: Card }) {
  const present = usePresent();
  const newest = useQuery(newsQuery(String(who.profile), {}));
  const last = newest.data?.events[0]?.time;
  const recognised = who.identifiers.some((one) => KNOWN.has(one.kind));
  const seen =
    last !== undefined
      ? t('card.lastSeen', { ago: ago(last, present) })
      : newest.isSuccess
        ? t('card.never')
        : undefined;
  return (
    <Sheet className={`${pages.side} ${pages.first}`}>
      <div className={classes.head}>
        <PersonMark who={who} size={48} />
        <div className={classes.name}>
          <Title order={1} size="h4">
            <bdi>{calledBy(who)}</bdi>
          </Title>
          <p className={classes.dim}>
            {[t(recognised ? 'card.recognised' : 'card.anonymous'), seen].filter(Boolean).join(' · ')}
          </p>
        </div>
      </div>
      <Part title={t('card.identifiers')}>
        {who.identifiers.length === 0 ? (
          <p className={classes.dim}>{t('card.identifiers.none')}</p>
        ) : (
          <dl className={classes.facts}>
            {who.identifiers.map((one) => (
              <div key={`${one.kind} ${one.value}`} className={classes.fact}>
                <dt>{t(`profiles.kind.${one.kind}`)}</dt>
                <dd>
                  <bdi>{one.value}</bdi>
                  <CopyButton small text={one.value} label={`${t('common.copy')}: ${one.value}`} />
                </dd>
              </div>
            ))}
          </dl>
        )}
      </Part>
      <Part title={t('card.consents')}>
        <Consents consents={who.consents} />
      </Part>
      <Part title={t('card.tags')}>
        {who.tags.length === 0 ? (
          <p className={classes.dim}>{t('card.tags.none')}</p>
        ) : (
          <Tags tags={who.tags} />
        )}
      </Part>
      <Part title={t('card.attributes')}>
        <Attributes attributes={who.attributes} />
      </Part>
      <p className={classes.foot} title={preciseTime(who.created)}>
        {t('card.known', { date: date(who.created) })} · {t('card.key', { key: String(who.profile) })}
      </p>
    </Sheet>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <Title order={2} className={classes.title}>
        {title}
      </Title>
      {children}
    </section>
  );
}

const CHANNELS = ['email', 'sms', 'push', 'web_push'];

function Consents({ consents }: { consents: Card['consents'] }) {
  const channels = [...CHANNELS, ...Object.keys(consents).filter((one) => !CHANNELS.includes(one))];
  return (
    <ul className={classes.consents}>
      {channels.map((channel) => {
        const said = consents[channel];
        const state = said === undefined ? 'none' : said.granted ? 'granted' : 'refused';
        const Icon = { none: CircleHelp, granted: Check, refused: X }[state];
        return (
          <li key={channel} className={classes.consent}>
            <span className={classes.sign} data-state={state} aria-hidden="true">
              <Icon size={14} />
            </span>
            <span className={classes.channel}>{tOr(`card.channel.${channel}`, channel)}</span>
            <span className={classes.dim}>
              {t(`card.consent.${state}`)}
              {said !== undefined && (
                <span className={classes.when}>
                  {t('card.consent.when', { date: dateTime(said.time), source: said.source })}
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

const FEW = 12;

function Attributes({ attributes }: { attributes: Card['attributes'] }) {
  const [all, setAll] = useState(false);
  const entries = Object.entries(attributes).sort(([one], [other]) => one.localeCompare(other));
  if (entries.length === 0) return <p className={classes.dim}>{t('card.attributes.none')}</p>;
  return (
    <>
      <dl className={classes.facts}>
        {(all ? entries : entries.slice(0, FEW)).map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>
              <bdi>{name}</bdi>
            </dt>
            <dd>
              <Value value={value} />
            </dd>
          </div>
        ))}
      </dl>
      {entries.length > FEW && (
        <Button size="compact-sm" variant="subtle" mt={4} onClick={() => setAll(!all)}>
          {all ? t('card.less') : t('card.attributes.all', { count: entries.length })}
        </Button>
      )}
    </>
  );
}
