/** Answers as tables, the same on the page and in the file; and their words. Pure. */
import { momentWriter } from '../../app/format';
import { t } from '../../app/messages';
import './texts';
import type { Cell } from '../../ui/csv';
import { valueText } from '../../ui/value';
import type { FunnelAnswer, TrendAnswer } from './queries';
import type { Interval } from './question';
import type { Members } from './search';

export type Line = TrendAnswer['lines'][number];

export function funnelTable({ question, steps }: FunnelAnswer): Cell[][] {
  return [
    [
      t('funnel.column.step'),
      t(`funnel.column.${question.count}`),
      t('funnel.column.start'),
      t('funnel.column.previous'),
      t('funnel.column.open'),
      t('funnel.column.dropped'),
      `${t('funnel.column.median')} (s)`,
      `${t('funnel.column.mean')} (s)`,
    ],
    ...steps.map((step, index) => [
      `${index + 1}. ${step.label}`,
      step.count,
      step.from_start,
      step.from_previous,
      step.in_progress,
      step.dropped,
      step.seconds_from_previous.median,
      step.seconds_from_previous.mean,
    ]),
  ];
}

export function trendTable(answer: TrendAnswer): Cell[][] {
  const { intervals, lines } = answer;
  return [
    [t('trend.column.interval'), ...lineNames(answer)],
    ...intervals.map((begin, index) => [begin, ...lines.map((line) => line.values[index])]),
    [t('trend.total'), ...lines.map((line) => line.total)],
  ];
}

/** How each line is called: "Orders", or "Orders: gold" where it is broken down; of one series only "gold". */
export function lineNames({ question, lines }: TrendAnswer): string[] {
  return lines.map(({ label, group }) => {
    if (group.kind === undefined || group.kind === 'all') return label;
    const name = group.kind === 'value' ? valueText(group.value) : t(`trend.group.${group.kind}`);
    return question.series.length === 1 ? name : t('trend.group.of', { label, group: name });
  });
}

const STYLES: Record<Interval, Intl.DateTimeFormatOptions> = {
  minute: { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' },
  hour: { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  week: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: 'numeric' },
};

/** Writes the begins of intervals, on the calendar of the question's zone. */
export function intervalWriter(interval: Interval, timeZone: string): (begin: string) => string {
  return momentWriter(STYLES[interval], timeZone);
}

/** What the number is, behind which one looks; undefined if the answer has no such number. */
export function membersTitle(answer: FunnelAnswer | TrendAnswer, who: Members): string | undefined {
  if (answer.kind === 'funnel' && who.kind === 'funnel') {
    const step = answer.steps[who.step - 1];
    if (step === undefined) return undefined;
    return t(`funnel.who.${who.state ?? 'reached'}`, { number: who.step, label: step.label });
  }
  if (answer.kind === 'trend' && who.kind === 'trend') {
    const index = answer.lines.findIndex(
      (one) => one.series === (who.series ?? 0) && isGroup(one.group, who.group),
    );
    const label = lineNames(answer)[index];
    if (label === undefined) return undefined;
    const { interval, timezone } = answer.question;
    return who.interval === null || who.interval === undefined
      ? t('trend.who.total', { label })
      : t('trend.who', { label, interval: intervalWriter(interval, timezone)(who.interval) });
  }
  return undefined;
}

function isGroup(group: Line['group'], wanted: { kind?: string; value?: unknown } | undefined): boolean {
  return group.kind === (wanted?.kind ?? 'all') && (group.value ?? null) === (wanted?.value ?? null);
}

/** Whether nearly nobody is lost: then the steps may be in the wrong order. */
export function looksBackwards({ steps }: FunnelAnswer): boolean {
  const last = steps.at(-1);
  return steps.length > 2 && (steps[0]?.count ?? 0) >= 20 && (last?.from_start ?? 0) >= 0.97;
}
