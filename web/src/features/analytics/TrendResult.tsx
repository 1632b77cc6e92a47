/** A trend answered: lines that can be hidden, and the table with every number. */
import { Button, Table, Title, UnstyledButton } from '@mantine/core';
import { CalendarX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { t } from '../../app/messages';
import { Empty } from '../../ui/states';
import type { Look } from './AnswerSheet';
import classes from './AnswerSheet.module.css';
import { Chart } from './Chart';
import { lineColour, trendChart, trendPlace } from './charts';
import { NumberLink } from './NumberLink';
import type { TrendAnswer } from './queries';
import { intervalWriter, lineNames } from './tables';
import { useColours } from './useColours';

const ROWS = 60;

export function TrendResult({ answer, onLook }: { answer: TrendAnswer; onLook: Look }) {
  const colours = useColours();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [rows, setRows] = useState(ROWS);
  const lines = useMemo(() => {
    const names = lineNames(answer);
    return answer.lines.map((line, index) => ({ line, name: names[index] ?? '', colour: lineColour(index) }));
  }, [answer]);
  const shown = useMemo(() => lines.filter(({ name }) => !hidden.has(name)), [lines, hidden]);
  const option = useMemo(() => trendChart(answer, shown, colours), [answer, shown, colours]);
  const write = intervalWriter(answer.question.interval, answer.question.timezone);
  if (lines.every(({ line }) => line.total === 0))
    return (
      <Empty icon={<CalendarX size={26} />} title={t('trend.nothing.title')} text={t('funnel.nobody.text')} />
    );
  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  // Newest first: it is what one looks for.
  const order = answer.intervals.map((begin, index) => ({ begin, index })).reverse();
  return (
    <>
      <Title order={2} className={classes.title} mb="xs">
        {t('trend.chart')}
      </Title>
      <Chart
        label={t('trend.chart.label')}
        option={option}
        onPick={({ series, index }) => {
          const picked = shown[series];
          if (picked !== undefined) onLook(trendPlace(answer, picked.line, index));
        }}
      />
      <ul className={classes.legend}>
        {lines.map(({ name, colour }) => (
          <li key={name}>
            <UnstyledButton
              className={classes.toggle}
              aria-pressed={!hidden.has(name)}
              onClick={() => toggle(name)}
            >
              <span className={classes.swatch} style={{ background: colour }} aria-hidden="true" />
              <bdi>{name}</bdi>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Table.ScrollContainer minWidth={Math.min(200 + lines.length * 110, 1_600)}>
        <Table verticalSpacing={7} stickyHeader={false}>
          <Table.Caption className="mp-hidden">{t('trend.table')}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('trend.column.interval')}</Table.Th>
              {lines.map(({ name }) => (
                <Table.Th key={name} className={classes.number}>
                  <bdi>{name}</bdi>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Th scope="row" className={classes.begin}>
                {t('trend.total')}
              </Table.Th>
              {lines.map(({ line, name }) => (
                <Table.Td key={name} className={classes.number} fw={600}>
                  <NumberLink
                    value={line.total}
                    label={`${name}, ${t('trend.total')}`}
                    onClick={() => onLook(trendPlace(answer, line, undefined))}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
            {order.slice(0, rows).map(({ begin, index }) => (
              <Table.Tr key={begin}>
                <Table.Th scope="row" fw={400} className={classes.begin}>
                  {write(begin)}
                </Table.Th>
                {lines.map(({ line, name }) => (
                  <Table.Td key={name} className={classes.number}>
                    <NumberLink
                      value={line.values[index] ?? 0}
                      label={`${name}, ${write(begin)}`}
                      onClick={() => onLook(trendPlace(answer, line, index))}
                    />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {order.length > rows && (
        <Button size="xs" variant="subtle" mt="xs" onClick={() => setRows(rows + 10 * ROWS)}>
          {t('trend.more', { count: Math.min(10 * ROWS, order.length - rows) })}
        </Button>
      )}
    </>
  );
}
