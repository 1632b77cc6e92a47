/** The value of a test, in the form that its operator wants. Types are chosen, never guessed: "5" is not 5. */
import { NativeSelect, TagsInput, TextInput } from '@mantine/core';
import { t } from '../../app/messages';
import { type Duration, DurationInput } from '../DurationInput';
import { ScalarInput, type ScalarType } from '../ScalarInput';
import { numberOrText, type Test, valueKind } from './condition';

interface Props {
  test: Test;
  /** Texts that were seen. */
  samples: readonly string[];
  onChange: (value: unknown) => void;
}

const PERIODS = ['hour', 'day', 'month', 'year'] as const;
const DAY = /^(\d{4}-\d{2}-\d{2})?$/;

export function ValueInput({ test, samples, onChange }: Props) {
  const { value } = test;
  switch (valueKind(test.op)) {
    case 'nothing':
      return null;
    case 'scalar':
      return (
        <ScalarInput label={t('condition.value')} value={value} suggestions={samples} onChange={onChange} />
      );
    case 'text':
      return <Line label={t('condition.value')} value={value} onChange={onChange} />;
    case 'number':
      return (
        <Line label={t('condition.value')} value={value} onChange={(text) => onChange(numberOrText(text))} />
      );
    case 'range': {
      const [from, to] = Array.isArray(value) ? value : ['', ''];
      return (
        <>
          <Line
            label={t('condition.from')}
            value={from}
            onChange={(text) => onChange([numberOrText(text), to])}
          />
          <Line
            label={t('condition.to')}
            value={to}
            onChange={(text) => onChange([from, numberOrText(text)])}
          />
        </>
      );
    }
    case 'list':
      return <ListInput value={value} onChange={onChange} />;
    case 'date':
      return (
        <TextInput
          size="xs"
          type={DAY.test(String(value ?? '')) ? 'date' : 'text'}
          aria-label={t('condition.value')}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'duration':
      return (
        <DurationInput label={t('condition.value')} hideLabel value={value as Duration} onChange={onChange} />
      );
    case 'period':
      return (
        <NativeSelect
          size="xs"
          aria-label={t('condition.value')}
          value={String(value)}
          data={PERIODS.map((one) => ({ value: one, label: t(`condition.period.${one}`) }))}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function Line({
  label,
  value,
  onChange,
}: {
  label: string;
  value: unknown;
  onChange: (text: string) => void;
}) {
  return (
    <TextInput
      size="xs"
      aria-label={label}
      placeholder={label}
      value={String(value ?? '')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function ListInput({ value, onChange }: { value: unknown; onChange: (value: unknown) => void }) {
  if (typeof value === 'string')
    return <Line label={t('condition.values')} value={value} onChange={onChange} />;
  const items: unknown[] = Array.isArray(value) ? value : [];
  const type: ScalarType =
    items.length > 0 && items.every((item) => typeof item === 'number') ? 'number' : 'text';
  const read = (as: ScalarType, texts: string[]) =>
    onChange(as === 'number' ? texts.map(numberOrText) : texts);
  return (
    <>
      <TagsInput
        size="xs"
        aria-label={t('condition.values')}
        placeholder={items.length === 0 ? t('condition.values.help') : undefined}
        value={items.map(String)}
        onChange={(texts) => read(type, texts)}
        acceptValueOnBlur
      />
      {items.length > 0 && (
        <NativeSelect
          size="xs"
          aria-label={t('condition.type')}
          value={type}
          data={(['text', 'number'] as const).map((one) => ({
            value: one,
            label: t(`condition.type.${one}`),
          }))}
          onChange={(event) => read(event.currentTarget.value as ScalarType, items.map(String))}
        />
      )}
    </>
  );
}
