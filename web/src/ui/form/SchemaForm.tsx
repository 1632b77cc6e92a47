/** A form drawn from a JSON schema. Knows no node type: a new one needs nothing here. */
import { Stack } from '@mantine/core';
import { useMemo } from 'react';
import type { Subject } from '../condition/ConditionBuilder';
import { FieldInput } from './FieldInput';
import { fieldsOf, type Schema, withSetting } from './schema';

interface Props {
  schema: Schema;
  value: Readonly<Record<string, unknown>>;
  /** Complaints, by dotted path of the field. */
  errors?: Readonly<Record<string, string>>;
  /** What conditions can test here. */
  subjects?: readonly Subject[];
  disabled?: boolean;
  onChange: (value: Record<string, unknown>, field: string) => void;
}

export function SchemaForm({ schema, value, errors = {}, subjects, disabled, onChange }: Props) {
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  return (
    <Stack gap="md">
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          path={field.name}
          value={value[field.name] ?? field.default}
          errors={errors}
          subjects={subjects}
          disabled={disabled}
          onChange={(next) => onChange(withSetting(value, field.name, next), field.name)}
        />
      ))}
    </Stack>
  );
}
