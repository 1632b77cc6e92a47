/** A length of time: a whole number and its unit. */
import { Group, Input, NativeSelect, NumberInput } from '@mantine/core';
import { useId } from 'react';
import type { Unit } from '../app/format';
import { t } from '../app/messages';

export interface Duration {
  value: number;
  unit: Unit;
}

const UNITS: readonly Unit[] = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'];

interface Props {
  label: string;
  hideLabel?: boolean;
  description?: string;
  error?: string;
  required?: boolean;
  disabled?: boolean;
  value: Duration | null | undefined;
  /** `undefined`: left empty. */
  onChange: (value: Duration | undefined) => void;
}

export function DurationInput({
  label,
  hideLabel,
  description,
  error,
  required,
  disabled,
  value,
  onChange,
}: Props) {
  const id = useId();
  const unit = value?.unit ?? 'hour';
  const units = UNITS.includes(unit) ? UNITS : [unit, ...UNITS];
  return (
    <Input.Wrapper
      id={id}
      label={hideLabel ? undefined : label}
      description={description}
      error={error}
      required={required}
    >
      <Group gap="xs" wrap="nowrap" mt={hideLabel ? 0 : 4}>
        <NumberInput
          id={id}
          aria-label={hideLabel ? label : undefined}
          style={{ flex: 1 }}
          min={1}
          max={1_000_000_000}
          allowDecimal={false}
          allowNegative={false}
          disabled={disabled}
          error={error !== undefined}
          value={value?.value ?? ''}
          onChange={(next) => onChange(typeof next === 'number' ? { value: next, unit } : undefined)}
        />
        <NativeSelect
          aria-label={`${label}: ${t('units.label')}`}
          disabled={disabled}
          value={unit}
          data={units.map((one) => ({ value: one, label: t(`units.${one}`) }))}
          onChange={(event) =>
            onChange({ value: value?.value ?? 1, unit: event.currentTarget.value as Unit })
          }
        />
      </Group>
    </Input.Wrapper>
  );
}
