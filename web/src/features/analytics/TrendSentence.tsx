/** The settings of a trend, as a sentence whose words can be clicked. */
import { Button, Group, NumberInput, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { t } from '../../app/messages';
import { catalogueQuery, paramsQuery } from '../../ui/catalogue';
import { NameInput } from '../../ui/NameInput';
import { Sentence } from '../../ui/Sentence';
import { Choices, Word } from '../../ui/Word';
import type { Edit } from './AnalyticsPage';
import classes from './AnalyticsPage.module.css';
import { type Breakdown, INTERVALS, type TrendDraft, WEEKDAYS, type Weekday } from './question';
import { scopeWords } from './words';

interface Props {
  draft: TrendDraft;
  zone: string;
  onEdit: Edit;
}

const PARTS = {
  interval: '{interval}',
  breakdown: '{breakdown}',
  range: '{range}',
  zone: '{zone}',
  who: '{who}',
};

export function TrendSentence({ draft, zone, onEdit }: Props) {
  const put = (change: Partial<TrendDraft>, quiet?: boolean) => onEdit({ ...draft, ...change }, quiet);
  const { interval = 'day', breakdown } = draft;
  const name = breakdown?.param ?? breakdown?.attribute ?? '';
  return (
    <p className={classes.sentence}>
      <Sentence
        text={t('trend.sentence', PARTS)}
        parts={{
          interval: (
            <Word label={t('trend.interval')} text={t(`trend.interval.${interval}`)}>
              {(close) => (
                <Stack gap="sm">
                  <Choices
                    label={t('trend.interval')}
                    value={interval}
                    options={INTERVALS.map((one) => ({ value: one, label: t(`trend.interval.${one}`) }))}
                    onChange={(value) => {
                      put({ interval: value });
                      if (value !== 'week') close();
                    }}
                  />
                  {interval === 'week' && (
                    <Select
                      label={t('trend.weekStart')}
                      value={draft.week_start ?? 'monday'}
                      data={WEEKDAYS.map((one) => ({ value: one, label: t(`weekday.${one}`) }))}
                      allowDeselect={false}
                      comboboxProps={{ withinPortal: false }}
                      onChange={(value) => put({ week_start: value as Weekday })}
                    />
                  )}
                </Stack>
              )}
            </Word>
          ),
          breakdown: (
            <Word
              label={t('trend.breakdown')}
              width={340}
              text={name === '' ? t('trend.breakdown.none') : t('trend.breakdown.by', { name })}
            >
              {(close) => (
                <BreakdownForm draft={draft} onChange={(next) => put({ breakdown: next })} onDone={close} />
              )}
            </Word>
          ),
          ...scopeWords(draft, zone, put),
        }}
      />
    </p>
  );
}

const MOST_GROUPS = 100;
const GROUPS = 10;

function BreakdownForm({
  draft,
  onChange,
  onDone,
}: {
  draft: TrendDraft;
  onChange: (breakdown: Breakdown | undefined) => void;
  onDone: () => void;
}) {
  const catalogue = useQuery(catalogueQuery);
  const actions = [...new Set(draft.series.map((one) => one.action))].filter((action) => action !== '');
  const params = useQueries({ queries: actions.map(paramsQuery) }).flatMap(
    ({ data }) => data?.params.map((one) => one.name) ?? [],
  );
  const { breakdown } = draft;
  const kind =
    breakdown === undefined ? 'nothing' : breakdown.attribute === undefined ? 'param' : 'attribute';
  const names =
    kind === 'attribute'
      ? (catalogue.data?.attributes.map((one) => one.name) ?? [])
      : [...new Set(params)].sort();
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600}>
        {t('trend.breakdown')}
      </Text>
      <SegmentedControl
        orientation="vertical"
        fullWidth
        aria-label={t('trend.breakdown')}
        value={kind}
        data={(['nothing', 'param', 'attribute'] as const).map((one) => ({
          value: one,
          label: t(`trend.breakdown.${one}`),
        }))}
        onChange={(value) => onChange(value === 'nothing' ? undefined : { [value]: '' })}
      />
      {kind !== 'nothing' && (
        <>
          <NameInput
            inside
            label={t('trend.breakdown.name')}
            value={breakdown?.[kind] ?? ''}
            data={names}
            onChange={(name) => onChange({ [kind]: name, ...(breakdown?.top ? { top: breakdown.top } : {}) })}
          />
          <NumberInput
            label={t('trend.breakdown.top')}
            min={1}
            max={MOST_GROUPS}
            clampBehavior="strict"
            allowDecimal={false}
            value={breakdown?.top ?? GROUPS}
            onChange={(top) =>
              typeof top === 'number' && top > 0 && onChange({ [kind]: breakdown?.[kind] ?? '', top })
            }
          />
        </>
      )}
      <Group justify="flex-end">
        <Button size="xs" onClick={onDone}>
          {t('common.done')}
        </Button>
      </Group>
    </Stack>
  );
}
