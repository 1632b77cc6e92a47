/** The words that every question has: which dates, in which zone, about whom. */
import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { date } from '../../app/format';
import { t } from '../../app/messages';
import './texts';
import { catalogueQuery } from '../../ui/catalogue';
import { ConditionBuilder } from '../../ui/condition/ConditionBuilder';
import { conditionText, type Where } from '../../ui/condition/condition';
import { Choices, Word } from '../../ui/Word';
import { daysOf, isComplete, MONTH, QUICK, type Range } from './question';

interface Scope {
  range?: Range;
  timezone?: string;
  profile_filter?: Where;
}

/** The words about dates, zone and profiles, as parts of a question's sentence. */
export function scopeWords(draft: Scope, zone: string, put: (change: Scope, quiet?: boolean) => void) {
  return {
    range: <RangeWord value={draft.range} onChange={(range) => put({ range })} />,
    zone: <ZoneWord value={draft.timezone} zone={zone} onChange={(timezone) => put({ timezone })} />,
    who: (
      <WhoWord
        value={draft.profile_filter}
        onChange={(where) => put({ profile_filter: where ?? undefined }, true)}
      />
    ),
  };
}

const day = (text: string): string => date(`${text}T12:00:00`);

function RangeWord({ value = MONTH, onChange }: { value?: Range; onChange: (range: Range) => void }) {
  const text =
    typeof value === 'string'
      ? t(`range.${value}`)
      : t('range.between', { from: day(value.from), to: day(value.to) });
  return (
    <Word label={t('range.title')} text={text}>
      {(close) => (
        <Stack gap="sm">
          <Choices
            label={t('range.title')}
            value={typeof value === 'string' ? value : undefined}
            options={QUICK.map((one) => ({ value: one, label: t(`range.${one}`) }))}
            onChange={(range) => {
              onChange(range);
              close();
            }}
          />
          <OtherDays
            value={value}
            onChange={(range) => {
              onChange(range);
              close();
            }}
          />
        </Stack>
      )}
    </Word>
  );
}

function OtherDays({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  const begin = daysOf(value, Date.now(), 'UTC');
  const [from, setFrom] = useState(begin.from.slice(0, 10));
  const [to, setTo] = useState(begin.to.slice(0, 10));
  const isRange = from !== '' && to !== '' && from <= to;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isRange) onChange({ from, to });
      }}
    >
      <Text size="sm" fw={600} mb={6}>
        {t('range.absolute')}
      </Text>
      <Group gap="xs" grow>
        <TextInput
          type="date"
          label={t('range.from')}
          value={from}
          max={to}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('range.to')}
          value={to}
          min={from}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </Group>
      <Button type="submit" mt="sm" size="xs" disabled={!isRange}>
        {t('common.done')}
      </Button>
    </form>
  );
}

const ZONES = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

function ZoneWord({
  value,
  zone,
  onChange,
}: {
  value: string | undefined;
  zone: string;
  onChange: (zone: string | undefined) => void;
}) {
  const chosen = value ?? zone;
  return (
    <Word label={t('zone.title')} text={chosen}>
      {(close) => (
        <Select
          label={t('zone.label')}
          value={chosen}
          data={ZONES.includes(chosen) ? ZONES : [chosen, ...ZONES]}
          searchable
          limit={50}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          onChange={(next) => {
            if (next === null) return;
            onChange(next === zone ? undefined : next);
            close();
          }}
        />
      )}
    </Word>
  );
}

function WhoWord({ value, onChange }: { value: Where; onChange: (where: Where) => void }) {
  const catalogue = useQuery(catalogueQuery);
  const text = conditionText(value);
  return (
    <Word
      label={t('who.title')}
      width={420}
      text={text === '' ? t('who.everybody') : t('who.filtered', { condition: text })}
    >
      {(close) => (
        <Stack gap="sm">
          <Text size="sm">{t('who.condition')}</Text>
          <ConditionBuilder
            label={t('who.title')}
            value={value}
            subjects={['attribute']}
            known={{ attribute: catalogue.data?.attributes }}
            onChange={onChange}
          />
          <Group justify="flex-end">
            <Button size="xs" disabled={!isComplete(value)} onClick={close}>
              {t('common.done')}
            </Button>
          </Group>
        </Stack>
      )}
    </Word>
  );
}
