/** The settings of a funnel, as a sentence whose words can be clicked. */
import { Button, Group, Radio, Stack, TagsInput, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { duration } from '../../app/format';
import { t } from '../../app/messages';
import { paramsQuery } from '../../ui/catalogue';
import { DurationInput } from '../../ui/DurationInput';
import { Sentence } from '../../ui/Sentence';
import { Choices, Word } from '../../ui/Word';
import type { Edit } from './AnalyticsPage';
import classes from './AnalyticsPage.module.css';
import { type FunnelDraft, WEEK } from './question';
import { scopeWords } from './words';

interface Props {
  draft: FunnelDraft;
  zone: string;
  onEdit: Edit;
}

const PARTS = {
  count: '{count}',
  window: '{window}',
  hold: '{hold}',
  attempt: '{attempt}',
  range: '{range}',
  zone: '{zone}',
  who: '{who}',
};

export function FunnelSentence({ draft, zone, onEdit }: Props) {
  const put = (change: Partial<FunnelDraft>, quiet?: boolean) => onEdit({ ...draft, ...change }, quiet);
  const { hold = [], attempt = 'best', window = WEEK } = draft;
  const count = hold.length > 0 ? (draft.count ?? 'profiles') : 'profiles';
  return (
    <p className={classes.sentence}>
      <Sentence
        text={t('funnel.sentence', PARTS)}
        parts={{
          count: (
            <Word label={t('trend.measure')} text={t(`funnel.count.${count}`)}>
              {(close) => (
                <Stack gap="sm">
                  <Choices
                    label={t('trend.measure')}
                    value={count}
                    options={[
                      { value: 'profiles', label: t('funnel.count.profiles') },
                      {
                        value: 'held_values',
                        label: t('funnel.count.held_values'),
                        disabled: hold.length === 0,
                        help: hold.length === 0 ? t('funnel.count.needsHold') : undefined,
                      },
                    ]}
                    onChange={(value) => {
                      put({ count: value });
                      close();
                    }}
                  />
                  <Text size="xs" c="dimmed">
                    {t('funnel.count.help')}
                  </Text>
                </Stack>
              )}
            </Word>
          ),
          window: (
            <Word
              label={t('funnel.window')}
              text={
                window === null
                  ? t('funnel.window.none')
                  : t('funnel.window.within', { duration: duration(window) })
              }
            >
              {(close) => (
                <Stack gap="sm">
                  <Radio.Group
                    aria-label={t('funnel.window')}
                    value={window === null ? 'unlimited' : 'limited'}
                    onChange={(value) => put({ window: value === 'unlimited' ? null : WEEK })}
                  >
                    <Stack gap="xs">
                      <Radio value="limited" label={t('funnel.window.limited')} />
                      <Radio value="unlimited" label={t('funnel.window.unlimited')} />
                    </Stack>
                  </Radio.Group>
                  {window !== null && (
                    <DurationInput
                      label={t('funnel.window')}
                      hideLabel
                      value={window}
                      onChange={(value) => value !== undefined && put({ window: value }, true)}
                    />
                  )}
                  <Group justify="flex-end">
                    <Button size="xs" onClick={close}>
                      {t('common.done')}
                    </Button>
                  </Group>
                </Stack>
              )}
            </Word>
          ),
          hold: (
            <Word label={t('funnel.hold')} text={hold.length === 0 ? t('funnel.hold.none') : hold.join(', ')}>
              {(close) => (
                <Hold
                  draft={draft}
                  onChange={(next) => put({ hold: next.length > 0 ? next : undefined })}
                  onDone={close}
                />
              )}
            </Word>
          ),
          attempt: (
            <Word label={t('funnel.attempt')} text={t(`funnel.attempt.${attempt}`)}>
              {(close) => (
                <Choices
                  label={t('funnel.attempt')}
                  value={attempt}
                  options={(['best', 'first'] as const).map((one) => ({
                    value: one,
                    label: t(`funnel.attempt.${one}`),
                    help: t(`funnel.attempt.${one}.help`),
                  }))}
                  onChange={(value) => {
                    put({ attempt: value });
                    close();
                  }}
                />
              )}
            </Word>
          ),
          ...scopeWords(draft, zone, put),
        }}
      />
    </p>
  );
}

const MOST = 5;

/** Params are suggested that every chosen step has. */
function Hold({
  draft,
  onChange,
  onDone,
}: {
  draft: FunnelDraft;
  onChange: (hold: string[]) => void;
  onDone: () => void;
}) {
  const actions = [...new Set(draft.steps.map((step) => step.action))].filter((action) => action !== '');
  const each = useQueries({ queries: actions.map(paramsQuery) }).map(
    ({ data }) => new Set(data?.params.map((one) => one.name)),
  );
  const [first, ...rest] = each;
  const common = [...(first ?? [])].filter((name) => rest.every((names) => names.has(name)));
  return (
    <Stack gap="sm">
      <TagsInput
        label={t('funnel.hold.label')}
        description={t('funnel.hold.help')}
        value={draft.hold ?? []}
        data={common}
        maxTags={MOST}
        acceptValueOnBlur
        comboboxProps={{ withinPortal: false }}
        onChange={onChange}
      />
      <Group justify="flex-end">
        <Button size="xs" onClick={onDone}>
          {t('common.done')}
        </Button>
      </Group>
    </Stack>
  );
}
