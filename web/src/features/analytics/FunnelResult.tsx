/** A funnel answered: bars, and the table with every number. */
import { Alert, Group, Table, Text, Title } from '@mantine/core';
import { Info, UserRoundX } from 'lucide-react';
import { useMemo } from 'react';
import { percent, span } from '../../app/format';
import { t } from '../../app/messages';
import { Empty } from '../../ui/states';
import type { Look } from './AnswerSheet';
import classes from './AnswerSheet.module.css';
import { Chart } from './Chart';
import { funnelChart, funnelPlace } from './charts';
import { NumberLink } from './NumberLink';
import type { FunnelAnswer } from './queries';
import { looksBackwards } from './tables';
import { useColours } from './useColours';

const NONE = t('common.noValue');
const share = (value: number | null): string => (value === null ? NONE : percent(value));
const seconds = (value: number | null): string => (value === null ? NONE : span(value * 1_000));

export function FunnelResult({ answer, onLook }: { answer: FunnelAnswer; onLook: Look }) {
  const colours = useColours();
  const option = useMemo(() => funnelChart(answer, colours), [answer, colours]);
  const { steps, question } = answer;
  const last = steps.at(-1);
  const look = (step: number, state: 'reached' | 'dropped' | 'in_progress') =>
    onLook({ kind: 'funnel', step, state });
  if ((steps[0]?.count ?? 0) === 0)
    return (
      <Empty
        icon={<UserRoundX size={26} />}
        title={t('funnel.nobody.title')}
        text={t('funnel.nobody.text')}
      />
    );
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Title order={2} className={classes.title}>
          {t('funnel.chart')}
        </Title>
        {steps.length > 1 && last?.from_start !== null && last?.from_start !== undefined && (
          <Text size="sm" fw={600}>
            {t('funnel.conversion', { percent: percent(last.from_start) })}
          </Text>
        )}
      </Group>
      <Chart
        label={t('funnel.chart.label')}
        option={option}
        onPick={({ series, index }) => {
          const who = funnelPlace(series, index);
          if (who !== undefined) onLook(who);
        }}
      />
      <ul className={classes.legend}>
        {(['reached', 'in_progress', 'dropped'] as const).map((state) => (
          <li key={state}>
            <span className={classes.swatch} data-state={state} aria-hidden="true" />
            {state === 'reached'
              ? t('funnel.reached')
              : state === 'dropped'
                ? `${t('funnel.dropped')}: ${t('funnel.dropped.help')}`
                : `${t('funnel.open')}: ${t('funnel.open.help')}`}
          </li>
        ))}
      </ul>
      {looksBackwards(answer) && (
        <Alert mb="sm" variant="light" icon={<Info size={18} aria-hidden="true" />}>
          {t('funnel.backwards')}
        </Alert>
      )}
      <Table.ScrollContainer minWidth={680}>
        <Table verticalSpacing="sm">
          <Table.Caption className="mp-hidden">{t('funnel.table')}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('funnel.column.step')}</Table.Th>
              <Table.Th className={classes.number}>{t(`funnel.column.${question.count}`)}</Table.Th>
              <Table.Th className={classes.number}>{t('funnel.column.start')}</Table.Th>
              <Table.Th className={classes.number}>{t('funnel.column.previous')}</Table.Th>
              <Table.Th className={classes.number}>{t('funnel.column.open')}</Table.Th>
              <Table.Th className={classes.number}>{t('funnel.column.dropped')}</Table.Th>
              <Table.Th className={classes.number}>{t('funnel.column.median')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {steps.map((step, index) => {
              const isLast = index === steps.length - 1;
              const number = index + 1;
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
                <Table.Tr key={index}>
                  <Table.Th scope="row" fw={400} className={classes.step}>
                    {number}. <bdi>{step.label}</bdi>
                  </Table.Th>
                  <Table.Td className={classes.number}>
                    <NumberLink
                      value={step.count}
                      label={`${t('funnel.reached')}: ${step.label}`}
                      onClick={() => look(number, 'reached')}
                    />
                  </Table.Td>
                  <Table.Td className={classes.number}>{share(step.from_start)}</Table.Td>
                  <Table.Td className={classes.number}>
                    {index === 0 ? NONE : share(step.from_previous)}
                  </Table.Td>
                  <Table.Td className={classes.number}>
                    {isLast ? (
                      NONE
                    ) : (
                      <NumberLink
                        value={step.in_progress}
                        label={`${t('funnel.open')}: ${step.label}`}
                        onClick={() => look(number, 'in_progress')}
                      />
                    )}
                  </Table.Td>
                  <Table.Td className={classes.number}>
                    {isLast ? (
                      NONE
                    ) : (
                      <NumberLink
                        value={step.dropped}
                        label={`${t('funnel.dropped')}: ${step.label}`}
                        onClick={() => look(number, 'dropped')}
                      />
                    )}
                  </Table.Td>
                  <Table.Td className={classes.number}>{seconds(step.seconds_from_previous.median)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
