/** What the charts show, as ECharts wants it. Pure, but for the colours, which are read off the page. */
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { number, percent } from '../../app/format';
import { t } from '../../app/messages';
import './texts';
import type { FunnelAnswer, TrendAnswer } from './queries';
import type { Members } from './search';
import { intervalWriter, type Line } from './tables';

export type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | GridComponentOption | TooltipComponentOption
>;

export interface Colours {
  text: string;
  dim: string;
  line: string;
  surface: string;
  accent: string;
  onAccent: string;
  soft: string;
  font: string;
}

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read('--mantine-color-text'),
    dim: read('--mantine-color-dimmed'),
    line: read('--mp-border'),
    surface: read('--mp-surface'),
    accent: read('--mp-accent'),
    onAccent: read('--mp-page'),
    soft: read('--mp-accent-soft'),
    font: read('--mantine-font-family'),
  };
}

/** Each has a contrast of at least 3 to 1 on both grounds (WCAG 1.4.11). */
export const LINES = [
  '#4f6bea',
  '#d9622b',
  '#1f9d78',
  '#b05cd6',
  '#b8860b',
  '#d6457d',
  '#2b93c4',
  '#7a8c2e',
  '#8d7265',
  '#768096',
] as const;
export const lineColour = (index: number): string => LINES[index % LINES.length] ?? LINES[0];

const LONGEST = 22;
const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

const STATES = ['reached', 'in_progress', 'dropped'] as const;

/**
 * A bar for each step, as high as the step before it: what became of those who reached that one. Shares are of those
 * who began.
 */
export function funnelChart({ steps }: FunnelAnswer, colours: Colours): ChartOption {
  const base = steps[0]?.count ?? 0;
  const share = (count: number) => (base === 0 ? 0 : count / base);
  const before = (index: number) => (index === 0 ? undefined : steps[index - 1]);
  const counts = {
    reached: steps.map((step) => step.count),
    in_progress: steps.map((_, index) => before(index)?.in_progress ?? 0),
    dropped: steps.map((_, index) => before(index)?.dropped ?? 0),
  };
  const names = {
    reached: t('funnel.reached'),
    in_progress: t('funnel.open'),
    dropped: t('funnel.dropped'),
  };
  const styles = {
    reached: { color: colours.accent },
    in_progress: {
      color: colours.soft,
      borderColor: colours.accent,
      borderWidth: 1,
      borderType: 'dashed' as const,
    },
    dropped: { color: colours.soft },
  };
  return {
    ...frame(colours),
    xAxis: category(
      steps.map((step, index) => `${index + 1}. ${short(step.label)}`),
      colours,
    ),
    yAxis: {
      ...values(colours),
      max: 1,
      axisLabel: { color: colours.dim, formatter: (value: number) => percent(value) },
    },
    series: STATES.map((state) => ({
      type: 'bar' as const,
      stack: 'all',
      name: names[state],
      barWidth: '54%',
      barMaxWidth: 110,
      cursor: 'pointer',
      itemStyle: styles[state],
      emphasis: { focus: 'none' as const },
      // A bar of nothing would still have an edge.
      data: counts[state].map((count) => (count === 0 ? null : share(count))),
      label:
        state === 'reached'
          ? {
              show: true,
              position: 'insideTop' as const,
              color: colours.onAccent,
              fontWeight: 650,
              formatter: ({ value }: { value: unknown }) =>
                Number(value) < 0.07 ? '' : percent(Number(value)),
            }
          : { show: false },
      tooltip: {
        formatter: ({ dataIndex }: { dataIndex: number }) =>
          `${names[state]}: ${number(counts[state][dataIndex] ?? 0)}`,
      },
    })),
    tooltip: { ...tip(colours), trigger: 'item' },
  };
}

/** Whom a bar of the funnel stands for. */
export function funnelPlace(series: number, index: number): Members | undefined {
  const state = STATES[series];
  if (state === undefined) return undefined;
  return state === 'reached'
    ? { kind: 'funnel', step: index + 1, state }
    : { kind: 'funnel', step: index, state };
}

const MANY = 62;

export function trendChart(
  { question, intervals }: TrendAnswer,
  shown: ReadonlyArray<{ line: Line; name: string; colour: string }>,
  colours: Colours,
): ChartOption {
  const write = intervalWriter(question.interval, question.timezone);
  return {
    ...frame(colours),
    xAxis: { ...category(intervals.map(write), colours), boundaryGap: false },
    yAxis: { ...values(colours), minInterval: 1, axisLabel: { color: colours.dim, formatter: number } },
    series: shown.map(({ line, name, colour }) => ({
      type: 'line' as const,
      name,
      data: [...line.values],
      cursor: 'pointer',
      lineStyle: { width: 2.5, color: colour },
      itemStyle: { color: colour },
      symbol: 'circle',
      symbolSize: 7,
      showSymbol: intervals.length <= MANY,
      emphasis: { focus: 'none' as const },
    })),
    tooltip: {
      ...tip(colours),
      trigger: 'axis',
      order: 'valueDesc',
      valueFormatter: (value) => number(Number(value)),
      axisPointer: { lineStyle: { color: colours.dim } },
    },
  };
}

export function trendPlace(answer: TrendAnswer, line: Line, index: number | undefined): Members {
  return {
    kind: 'trend',
    series: line.series,
    group: line.group,
    ...(index === undefined ? {} : { interval: answer.intervals[index] }),
  };
}

function frame(colours: Colours) {
  return {
    textStyle: { fontFamily: colours.font, color: colours.text },
    grid: { left: 8, right: 16, top: 16, bottom: 4, outerBoundsMode: 'same' as const },
    animationDuration: 250,
  };
}

function category(data: string[], colours: Colours) {
  return {
    type: 'category' as const,
    data,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colours.dim } },
    axisLabel: { color: colours.dim, hideOverlap: true },
  };
}

function values(colours: Colours) {
  return { type: 'value' as const, splitLine: { lineStyle: { color: colours.line } } };
}

/** Drawn on the canvas: no markup is made of names, and no style beside the page's own. */
function tip(colours: Colours) {
  return {
    renderMode: 'richText' as const,
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontSize: 13 },
  };
}
