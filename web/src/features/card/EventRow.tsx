/** One event in the stream; opened, it shows all that it says. */
import { UnstyledButton } from '@mantine/core';
import { ChevronDown } from 'lucide-react';
import { Fragment, useId, useState } from 'react';
import { preciseTime, time } from '../../app/format';
import { t, tOr } from '../../app/messages';
import { valueText } from '../../ui/value';
import { EventDetails } from './EventDetails';
import { iconOf } from './icons';
import type { Activity } from './queries';
import classes from './rows.module.css';
import { highlights, isMove, moveKind, textParam } from './stream';

/** `inside` a run, where the journey need not be named again. */
export function EventRow({ event, inside = false }: { event: Activity; inside?: boolean }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const Icon = iconOf(event.action);
  return (
    <li className={classes.item} data-inside={inside || undefined}>
      <span className={classes.sign} aria-hidden="true">
        <Icon size={inside ? 12 : 15} />
      </span>
      <div className={classes.body}>
        <UnstyledButton
          className={classes.row}
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={() => setOpen(!open)}
        >
          <span className={classes.words}>
            {isMove(event) ? <MoveWords event={event} /> : <EventWords event={event} />}
          </span>
          <time dateTime={event.time} title={preciseTime(event.time)} className={classes.time}>
            {time(event.time)}
          </time>
          <ChevronDown size={16} aria-hidden="true" className={classes.chevron} />
        </UnstyledButton>
        {open && (
          <div id={id}>
            <EventDetails event={event} />
          </div>
        )}
      </div>
    </li>
  );
}

function EventWords({ event }: { event: Activity }) {
  const some = highlights(event.params);
  return (
    <>
      <span className={classes.title}>{event.action}</span>
      <span className={classes.below}>
        {event.label !== '' ? (
          <bdi>{event.label}</bdi>
        ) : (
          some.map(([name, value], index) => (
            <Fragment key={name}>
              {index > 0 && ' · '}
              <bdi>{name}</bdi> <bdi className={classes.value}>{valueText(value).slice(0, 120)}</bdi>
            </Fragment>
          ))
        )}
      </span>
    </>
  );
}

function MoveWords({ event }: { event: Activity }) {
  const outlet = textParam(event, 'outlet');
  const reason = textParam(event, 'reason');
  return (
    <>
      <span className={classes.title}>
        <bdi>{textParam(event, 'nodeName') || event.node}</bdi>
      </span>
      <span className={classes.below}>
        {[
          t(`activity.move.${moveKind(event)}`),
          outlet !== '' && outlet !== 'next' ? t('activity.via', { outlet }) : '',
          reason === '' ? '' : tOr(`reason.${reason}`, reason),
          event.tracked ? t('activity.tracked') : '',
        ]
          .filter((part) => part !== '')
          .join(' · ')}
      </span>
    </>
  );
}
