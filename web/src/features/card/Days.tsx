/** The stream by days. Days are drawn in blocks: one that did not change is not drawn again, one out of sight not at all. */
import { Title } from '@mantine/core';
import { memo } from 'react';
import { date } from '../../app/format';
import { t } from '../../app/messages';
import classes from './Days.module.css';
import { EventRow } from './EventRow';
import { RunRow } from './RunRow';
import { blocks, type Day, dayOf, type Item, isRun, keyOf, looks } from './stream';

export function Days({ days }: { days: readonly Day[] }) {
  return (
    <section aria-label={t('activity.stream')}>
      {days.map(({ day, items }) => (
        <section key={day} aria-labelledby={`day-${day}`}>
          <Title order={3} id={`day-${day}`} className={classes.day}>
            {dayTitle(day)}
          </Title>
          {blocks(items).map((block) => (
            <Block key={keyOf(block[0] as Item)} items={block} />
          ))}
        </section>
      ))}
    </section>
  );
}

const Block = memo(
  function Block({ items }: { items: Item[] }) {
    return (
      <ol className={classes.block}>
        {items.map((item) =>
          isRun(item) ? <RunRow key={keyOf(item)} run={item} /> : <EventRow key={keyOf(item)} event={item} />,
        )}
      </ol>
    );
  },
  (before, now) =>
    before.items.length === now.items.length &&
    before.items.every((item, index) => looks(item) === looks(now.items[index] as Item)),
);

const DAY = 86_400_000;

function dayTitle(day: string): string {
  const written = date(`${day}T12:00:00`);
  if (day === dayOf(Date.now())) return t('activity.today', { date: written });
  if (day === dayOf(Date.now() - DAY)) return t('activity.yesterday', { date: written });
  return written;
}
