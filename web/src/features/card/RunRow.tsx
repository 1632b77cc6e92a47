/** The steps that one run of a journey made on a day: its way with times, and each step when opened. */
import { UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronRight, Route } from 'lucide-react';
import { Fragment, useId, useState } from 'react';
import { preciseTime, time } from '../../app/format';
import { t, tOr } from '../../app/messages';
import { EventRow } from './EventRow';
import classes from './rows.module.css';
import { type RunOfDay, type Stop, ways } from './stream';

export function RunRow({ run }: { run: RunOfDay }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const newest = run.moves[0];
  const journey = run.name || t('activity.unnamedJourney');
  return (
    <li className={classes.item}>
      <span className={classes.sign} data-run aria-hidden="true">
        <Route size={15} />
      </span>
      <div className={classes.body}>
        <UnstyledButton
          className={classes.row}
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={() => setOpen(!open)}
        >
          <span className={classes.words}>
            <span className={classes.title}>
              <bdi>{journey}</bdi>{' '}
              <span className={classes.count}>{t('activity.moves', { count: run.moves.length })}</span>
            </span>
            {ways(run).map((way) => (
              <Way key={way[0]?.id} stops={way} />
            ))}
          </span>
          {newest !== undefined && (
            <time dateTime={newest.time} title={preciseTime(newest.time)} className={classes.time}>
              {time(newest.time)}
            </time>
          )}
          <ChevronDown size={16} aria-hidden="true" className={classes.chevron} />
        </UnstyledButton>
        {open && (
          <ol id={id} className={classes.inner} aria-label={journey}>
            {run.moves.map((move) => (
              <EventRow key={move.id} event={move} inside />
            ))}
          </ol>
        )}
      </div>
    </li>
  );
}

const FIRST = 3;
const LAST = 4;

function Way({ stops }: { stops: readonly Stop[] }) {
  const left = stops.length - FIRST - LAST;
  const shown = left > 1 ? [...stops.slice(0, FIRST), null, ...stops.slice(-LAST)] : stops;
  return (
    <span className={classes.way}>
      {shown.map((stop, index) => (
        <Fragment key={stop?.id ?? 'more'}>
          {index > 0 && <ChevronRight size={13} aria-hidden="true" className={classes.arrow} />}
          {stop === null ? (
            <span className={classes.stop}>{t('activity.more', { count: left })}</span>
          ) : (
            <span className={classes.stop} data-kind={stop.kind}>
              <bdi>
                {stop.kind === 'exit'
                  ? t('activity.left', { reason: tOr(`reason.${stop.reason}`, stop.reason) })
                  : stop.title}
              </bdi>
              <span className={classes.clock}>{time(stop.time)}</span>
            </span>
          )}
        </Fragment>
      ))}
    </span>
  );
}
