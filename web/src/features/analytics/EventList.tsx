/** The steps of a funnel, or the series of a trend. */
import { Button, Title } from '@mantine/core';
import { Plus } from 'lucide-react';
import { t } from '../../app/messages';
import { Sheet } from '../../ui/Page';
import type { Edit } from './AnalyticsPage';
import { lineColour } from './charts';
import { EventCard } from './EventCard';
import classes from './EventCard.module.css';
import { type Chosen, type Draft, moved } from './question';

const MOST = { funnel: 20, trend: 10 } as const;

export function EventList({ draft, onEdit }: { draft: Draft; onEdit: Edit }) {
  const isFunnel = draft.kind === 'funnel';
  const events: readonly Chosen[] = isFunnel ? draft.steps : draft.series;
  const put = (next: Chosen[], quiet?: boolean) =>
    onEdit(isFunnel ? { ...draft, steps: next } : { ...draft, series: next }, quiet);
  return (
    <Sheet>
      <Title order={2} className={classes.heading}>
        {t(isFunnel ? 'funnel.steps' : 'trend.series')}
      </Title>
      <ol className={classes.list}>
        {events.map((event, index) => (
          <EventCard
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is what stands in its place
            key={index}
            kind={draft.kind}
            index={index}
            count={events.length}
            event={event}
            colour={isFunnel || draft.breakdown !== undefined ? undefined : lineColour(index)}
            onChange={(next, quiet) => put(events.with(index, next), quiet)}
            onMove={(to) => put(moved(events, index, to))}
            onRemove={() => put(events.length > 1 ? events.toSpliced(index, 1) : [{ action: '' }])}
          />
        ))}
      </ol>
      {events.length < MOST[draft.kind] && (
        <Button
          fullWidth
          variant="default"
          leftSection={<Plus size={16} aria-hidden="true" />}
          onClick={() => put([...events, { action: '' }])}
        >
          {t(isFunnel ? 'funnel.add' : 'trend.add')}
        </Button>
      )}
    </Sheet>
  );
}
