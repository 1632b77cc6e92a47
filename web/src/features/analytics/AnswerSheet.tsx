/** The answer: chart, table, file, when it was computed; and whoever is behind a number. */
import { ActionIcon, Alert, Button, Group, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ChartNoAxesCombined, Download, Filter, RotateCcw } from 'lucide-react';
import { preciseTime } from '../../app/format';
import { t } from '../../app/messages';
import { saveCsv } from '../../ui/csv';
import { explain } from '../../ui/explain';
import { Sheet } from '../../ui/Page';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import classes from './AnswerSheet.module.css';
import { FunnelResult } from './FunnelResult';
import { MembersDrawer } from './MembersDrawer';
import { answerQuery } from './queries';
import type { Draft, Question } from './question';
import type { Members } from './search';
import { TrendResult } from './TrendResult';
import { funnelTable, trendTable } from './tables';

interface Props {
  draft: Draft;
  question: Question | undefined;
  who: Members | undefined;
  onLook: (who: Members | undefined) => void;
}

export type Look = (who: Members) => void;

export function AnswerSheet({ draft, question, who, onLook }: Props) {
  const query = useQuery(answerQuery(question));
  const answer = query.data?.kind === draft.kind ? query.data : undefined;
  const events = draft.kind === 'funnel' ? draft.steps : draft.series;
  const nothingChosen = events.every((one) => one.action === '');
  const refused = query.isError ? explain(query.error) : undefined;

  return (
    <section className={classes.answer} aria-label={t('analytics.answer')} aria-busy={query.isFetching}>
      <span className="mp-hidden" role="status">
        {query.isFetching ? t('analytics.computing') : answer !== undefined ? t('analytics.ready') : ''}
      </span>
      <Sheet>
        {nothingChosen ? (
          <Empty
            icon={draft.kind === 'funnel' ? <Filter size={26} /> : <ChartNoAxesCombined size={26} />}
            title={t(`${draft.kind}.empty.title`)}
            text={t(`${draft.kind}.empty.text`)}
          />
        ) : (
          <>
            {question === undefined && (
              <Text size="sm" c="dimmed" mb="sm" role="status">
                {t('analytics.unfinished')}
              </Text>
            )}
            {refused !== undefined && answer !== undefined && (
              <Alert color="red" variant="light" mb="sm" role="alert" title={refused.message}>
                {refused.fix}
              </Alert>
            )}
            {answer === undefined ? (
              query.isError ? (
                <Failed error={query.error} onRetry={() => query.refetch()} />
              ) : (
                <LoadingRows rows={8} />
              )
            ) : (
              <div>
                {answer.kind === 'funnel' ? (
                  <FunnelResult answer={answer} onLook={onLook} />
                ) : (
                  <TrendResult answer={answer} onLook={onLook} />
                )}
                <Group justify="space-between" mt="md" gap="sm">
                  <Group gap={6}>
                    <Text size="xs" c="dimmed">
                      {t('analytics.computed', { time: preciseTime(answer.question.at ?? Date.now()) })}
                    </Text>
                    <Tooltip label={t('analytics.again')}>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={t('analytics.again')}
                        loading={query.isFetching}
                        onClick={() => query.refetch()}
                      >
                        <RotateCcw size={15} aria-hidden="true" />
                      </ActionIcon>
                    </Tooltip>
                  </Group>
                  <Button
                    size="xs"
                    variant="default"
                    leftSection={<Download size={15} aria-hidden="true" />}
                    onClick={() =>
                      answer.kind === 'funnel'
                        ? saveCsv(t('funnel.file'), funnelTable(answer))
                        : saveCsv(t('trend.file'), trendTable(answer))
                    }
                  >
                    {t('common.export')}
                  </Button>
                </Group>
              </div>
            )}
          </>
        )}
      </Sheet>
      <MembersDrawer
        answer={query.isPlaceholderData ? undefined : answer}
        who={who}
        onClose={() => onLook(undefined)}
      />
    </section>
  );
}
