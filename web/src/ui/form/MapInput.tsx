/** Names with values. Rows that are not finished (no name yet) stay in the form and are left out of the value. */
import { ActionIcon, Group, Input, NumberInput, TextInput } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../app/messages';
import { ScalarInput } from '../ScalarInput';
import { AddButton } from './AddButton';
import type { FieldProps } from './FieldInput';

type Row = readonly [key: string, value: unknown];

export function MapInput({ field, path, value, errors, disabled, onChange }: FieldProps) {
  const outside = JSON.stringify(value ?? {});
  const [typed, setTyped] = useState<{ rows: readonly Row[]; says: string }>();
  // What was typed holds until the value changes from elsewhere, as by undo.
  const rows: readonly Row[] = typed?.says === outside ? typed.rows : Object.entries((value ?? {}) as object);
  const say = (next: readonly Row[]) => {
    const map = Object.fromEntries(next.filter(([key]) => key !== ''));
    setTyped({ rows: next, says: JSON.stringify(map) });
    onChange(map);
  };
  const empty = field.kind === 'numberMap' ? 1 : '';
  return (
    <Input.Wrapper
      label={field.title}
      labelElement="div"
      description={field.description}
      error={errors[path]}
    >
      {rows.map(([key, item], index) => {
        const twice = key !== '' && rows.some(([other], at) => at > index && other === key);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may be empty or there twice while one types
          <Group key={index} gap={6} mt={6} wrap="nowrap" align="flex-start">
            <TextInput
              size="xs"
              style={{ flex: 1 }}
              aria-label={`${field.title}: ${t('form.key')}`}
              placeholder={t('form.key')}
              disabled={disabled}
              error={twice ? t('form.duplicateKey') : undefined}
              value={key}
              onChange={(event) => say(rows.with(index, [event.currentTarget.value, item]))}
            />
            <div style={{ flex: field.kind === 'valueMap' ? 2 : 1 }}>
              <MapValue
                kind={field.kind}
                label={`${field.title}: ${t('form.value')}`}
                disabled={disabled}
                value={item}
                onChange={(next) => say(rows.with(index, [key, next]))}
              />
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={30}
              disabled={disabled}
              aria-label={t('common.removeItem', { item: key })}
              onClick={() => say(rows.toSpliced(index, 1))}
            >
              <Trash2 size={16} />
            </ActionIcon>
          </Group>
        );
      })}
      <AddButton to={field.title} disabled={disabled} onClick={() => say([...rows, ['', empty]])} />
    </Input.Wrapper>
  );
}

interface ValueProps {
  kind: string;
  label: string;
  value: unknown;
  disabled?: boolean;
  onChange: (value: unknown) => void;
}

function MapValue({ kind, label, value, disabled, onChange }: ValueProps) {
  if (kind === 'valueMap') {
    return <ScalarInput label={label} disabled={disabled} value={value} onChange={onChange} />;
  }
  if (kind === 'numberMap') {
    return (
      <NumberInput
        size="xs"
        aria-label={label}
        disabled={disabled}
        value={typeof value === 'number' ? value : ''}
        onChange={(next) => onChange(typeof next === 'number' ? next : 0)}
      />
    );
  }
  return (
    <TextInput
      size="xs"
      aria-label={label}
      placeholder={t('form.value')}
      disabled={disabled}
      value={String(value ?? '')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
