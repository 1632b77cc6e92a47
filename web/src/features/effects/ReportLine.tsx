/** N effects, 0 duplicates by our doing, k uncertain: as counted from the ledger; and what waits for a provider. */
import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { dateTime, time } from '../../app/format';
import { t } from '../../app/messages';
import classes from './effects.module.css';
import { type Report, reportQuery } from './queries';

export function ReportLine() {
  const { data: report } = useQuery(reportQuery);
  if (report === undefined || report.effects === 0) return null;
  return (
    <section aria-label={t('effects.report.label')} className={classes.report}>
      <span className={classes.count}>{t('effects.report', { count: report.effects })}</span>
      <Tooltip label={t('effects.report.duplicates.why')} multiline maw={300} events={HOVER_AND_FOCUS}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its explanation is had by keyboard, too */}
        <span className={classes.count} data-bad={report.duplicates > 0 || undefined} tabIndex={0}>
          {t('effects.report.duplicates', { count: report.duplicates })}
        </span>
      </Tooltip>
      <span className={classes.count}>{t('effects.report.uncertain', { count: report.uncertain })}</span>
      {report.sent_again > 0 && (
        <span className={classes.count}>{t('effects.report.again', { count: report.sent_again })}</span>
      )}
      {report.waiting.map((queue) => (
        <span key={queue.channel} className={classes.waiting}>
          {waiting(queue)}
        </span>
      ))}
    </section>
  );
}

const HOVER_AND_FOCUS = { hover: true, focus: true, touch: true };

function waiting(queue: Report['waiting'][number]): string {
  const parts = [
    t(queue.channel === 'email' ? 'effects.waiting.email' : 'effects.waiting.webhook', {
      count: queue.waiting,
    }),
  ];
  if (queue.rate !== null && queue.until !== null)
    parts.push(t('effects.waiting.rate', { rate: queue.rate, time: dateTime(queue.until) }));
  else if (queue.next !== null) parts.push(t('effects.waiting.next', { time: time(queue.next) }));
  return parts.join(', ');
}
