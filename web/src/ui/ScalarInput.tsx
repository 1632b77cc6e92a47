/** One JSON value that is a text, a number, or yes or no, with the choice of which. */
import { Autocomplete, Group, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { t } from '../app/messages';

export type ScalarType = 'text' | 'number' | 'boolean';

interface Props {
  label: string;
  disabled?: boolean;
  value: unknown;
  /** Texts to choose from; any other may be typed. */
  suggestions?: readonly string[];
  onChange: (value: unknown) => void;
}

const TYPES: readonly ScalarType[] = ['text', 'number', 'boolean'];

export function ScalarInput({ label, disabled, value, suggestions = [], onChange }: Props) {
  const type = typeOf(value);
  return (
    <Group gap={6} wrap="nowrap" style={{ flexBasis: '100%' }}>
      {type === 'boolean' ? (
        <NativeSelect
          size="xs"
          aria-label={label}
          disabled={disabled}
          style={{ flex: 1 }}
          value={String(value)}
          data={[
            { value: 'true', label: t('condition.true') },
            { value: 'false', label: t('condition.false') },
          ]}
          onChange={(event) => onChange(event.currentTarget.value === 'true')}
        />
      ) : type === 'number' ? (
        <NumberLine label={label} disabled={disabled} value={Number(value)} onChange={onChange} />
      ) : (
        <Autocomplete
          size="xs"
          aria-label={label}
          placeholder={label}
          disabled={disabled}
          style={{ flex: 1 }}
          data={[...suggestions]}
          comboboxProps={{ withinPortal: false }}
          value={typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value)}
          onChange={onChange}
        />
      )}
      <NativeSelect
        size="xs"
        w={104}
        aria-label={t('condition.type')}
        disabled={disabled}
        value={type}
        data={TYPES.map((one) => ({ value: one, label: t(`condition.type.${one}`) }))}
        onChange={(event) => onChange(convert(value, event.currentTarget.value as ScalarType))}
      />
    </Group>
  );
}

function NumberLine({
  label,
  disabled,
  value,
  onChange,
}: {
  label: string;
  disabled?: boolean;
  value: number;
  onChange: (value: number) => void;
}) {
  // What is typed may be on its way to a number: "-", "1.".
  const [typed, setTyped] = useState<string>();
  return (
    <TextInput
      size="xs"
      inputMode="decimal"
      aria-label={label}
      disabled={disabled}
      style={{ flex: 1 }}
      value={typed ?? String(value)}
      onBlur={() => setTyped(undefined)}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        if (text.trim() !== '' && Number.isFinite(Number(text))) onChange(Number(text));
      }}
    />
  );
}

export function typeOf(value: unknown): ScalarType {
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'text';
}

function convert(value: unknown, to: ScalarType): unknown {
  if (to === 'text') return value == null ? '' : String(value);
  if (to === 'boolean') return value === true || value === 'true';
  const number = Number(value);
  return Number.isFinite(number) ? number : 0;
}
