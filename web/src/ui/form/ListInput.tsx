/** A list: of texts, or of small objects whose fields stand side by side. Their order counts. */
import { ActionIcon, Group, Input, NumberInput, TextInput } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { t } from '../../app/messages';
import { AddButton } from './AddButton';
import type { FieldProps } from './FieldInput';
import type { Field } from './schema';

type Item = string | Record<string, unknown>;

export function ListInput({ field, path, value, errors, disabled, onChange }: FieldProps) {
  const items: readonly Item[] = Array.isArray(value) ? value : [];
  const full = field.schema.maxItems !== undefined && items.length >= field.schema.maxItems;
  const fewest = field.schema.minItems ?? 0;
  const name = (index: number) => t('form.item', { label: field.title, index: index + 1 });
  const put = (index: number, item: Item) => onChange(items.with(index, item));
  return (
    <Input.Wrapper
      label={field.title}
      labelElement="div"
      description={field.description}
      error={errors[path]}
      required={field.required}
    >
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item is its place in the list
        <Group key={index} gap={6} mt={6} wrap="nowrap" align="flex-start">
          {field.kind === 'texts' ? (
            <TextInput
              style={{ flex: 1 }}
              aria-label={name(index)}
              disabled={disabled}
              error={errors[`${path}.${index}`]}
              value={String(item)}
              onChange={(event) => put(index, event.currentTarget.value)}
            />
          ) : (
            field.fields.map((part) => (
              <Part
                key={part.name}
                part={part}
                label={`${name(index)}: ${part.title}`}
                disabled={disabled}
                error={errors[`${path}.${index}.${part.name}`]}
                value={(item as Record<string, unknown>)[part.name]}
                onChange={(next) => put(index, { ...(item as Record<string, unknown>), [part.name]: next })}
              />
            ))
          )}
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('common.removeItem', { item: name(index) })}
            disabled={disabled || items.length <= fewest}
            onClick={() => onChange(items.toSpliced(index, 1))}
          >
            <Trash2 size={16} />
          </ActionIcon>
        </Group>
      ))}
      <AddButton
        to={field.title}
        disabled={disabled || full}
        onClick={() => onChange([...items, fresh(field, items)])}
      />
    </Input.Wrapper>
  );
}

interface PartProps {
  part: Field;
  label: string;
  value: unknown;
  error?: string;
  disabled?: boolean;
  onChange: (value: unknown) => void;
}

function Part({ part, label, value, error, disabled, onChange }: PartProps) {
  if (part.kind === 'number' || part.kind === 'integer') {
    return (
      <NumberInput
        w={110}
        aria-label={label}
        suffix={part.unit === undefined ? undefined : ` ${part.unit}`}
        min={part.schema.minimum}
        max={part.schema.maximum}
        clampBehavior="none"
        disabled={disabled}
        error={error}
        value={typeof value === 'number' ? value : ''}
        onChange={(next) => onChange(typeof next === 'number' ? next : null)}
      />
    );
  }
  return (
    <TextInput
      style={{ flex: 1 }}
      aria-label={label}
      disabled={disabled}
      error={error}
      value={value === null || value === undefined ? '' : String(value)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A new item that no other is called like: where names are outlets, two of the same could not be told apart. */
export function fresh(field: Field, items: readonly Item[]): Item {
  const first = field.fields[0]?.name;
  const taken = new Set(items.map((item) => (typeof item === 'string' ? item : String(item[first ?? '']))));
  const usesLetters = taken.has('a');
  const names = Array.from({ length: taken.size + 1 }, (_, index) =>
    usesLetters ? String.fromCharCode(97 + index) : String(index + 1),
  );
  const name = names.find((one) => !taken.has(one)) ?? '';
  if (field.kind === 'texts') return field.schema.minItems === undefined ? '' : name;
  return Object.fromEntries(
    field.fields.map((part, index) => [part.name, index === 0 ? name : part.kind === 'number' ? 0 : '']),
  );
}
