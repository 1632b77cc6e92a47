/** The days and their hours; one tab stop, and arrow keys from hour to hour. */
import { UnstyledButton } from '@mantine/core';
import { type KeyboardEvent, useRef } from 'react';
import { momentWriter, number } from '../../app/format';
import { t } from '../../app/messages';
import classes from './calendar.module.css';
import { type Day, shade } from './grid';

interface Props {
  days: readonly Day[];
  zone: string;
  here: string | undefined;
  onPick: (at: string) => void;
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const hourName = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

export function Grid({ days, zone, here, onPick }: Props) {
  const grid = useRef<HTMLTableElement>(null);
  const write = momentWriter({ weekday: 'short', day: 'numeric', month: 'short' }, zone);
  const most = Math.max(0, ...days.flatMap((day) => day.cells.map((cell) => cell?.timers ?? 0)));
  const known = days.some((day) => day.cells.some((cell) => cell?.at === here));
  const first = days[0]?.cells.find((cell) => cell !== undefined)?.at;
  const stop = known ? here : first;
  const go = (event: KeyboardEvent, row: number, column: number) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const [down, right] = step;
    let [to, at] = [row + down, column + right];
    // Hours that the clock leaves out are passed over.
    while (days[to]?.cells[at] === undefined && to >= 0 && to < days.length && at >= 0 && at < 24) {
      to += down;
      at += right;
    }
    grid.current?.querySelector<HTMLElement>(`[data-place="${to} ${at}"]`)?.focus();
  };
  return (
    <div className={classes.scroll}>
      <table ref={grid} className={classes.grid} aria-label={t('calendar.grid')}>
        <thead>
          <tr>
            <th className={classes.day} scope="col">
              {t('calendar.day')}
            </th>
            {Array.from({ length: 24 }, (_, hour) => (
              <th key={hourName(hour)} scope="col">
                {String(hour).padStart(2, '0')}
              </th>
            ))}
            <th className={classes.total} scope="col">
              {t('calendar.total')}
            </th>
          </tr>
        </thead>
        <tbody>
          {days.map((day, row) => (
            <tr key={day.key}>
              <th className={classes.day} scope="row">
                {write(day.at)}
              </th>
              {day.cells.map((cell, column) => (
                <td key={hourName(column)}>
                  {cell !== undefined && (
                    <UnstyledButton
                      className={classes.hour}
                      data-shade={shade(cell.timers, most)}
                      data-here={cell.at === here || undefined}
                      data-place={`${row} ${column}`}
                      aria-pressed={cell.at === here}
                      tabIndex={cell.at === stop ? 0 : -1}
                      onKeyDown={(event) => go(event, row, column)}
                      onClick={() => onPick(cell.at)}
                    >
                      <span className="mp-hidden">
                        {t('calendar.cell', { day: write(day.at), hour: hourName(column) })}
                        {cell.timers === 0 && t('calendar.cell.none')}
                      </span>
                      {cell.timers > 0 && short.format(cell.timers)}
                    </UnstyledButton>
                  )}
                </td>
              ))}
              <td className={classes.total}>{day.total > 0 ? number(day.total) : t('common.noValue')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={classes.legend} aria-hidden="true">
        {t('calendar.less')}
        {[1, 2, 3, 4, 5].map((one) => (
          <span key={one} className={classes.hour} data-shade={one} />
        ))}
        {t('calendar.more')}
      </div>
    </div>
  );
}
