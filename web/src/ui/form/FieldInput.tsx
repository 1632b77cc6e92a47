/** One field of a form, by its kind. */
import { Input, NativeSelect, NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { ConditionBuilder, type Subject } from '../condition/ConditionBuilder';
import type { Where } from '../condition/condition';
import { type Duration, DurationInput } from '../DurationInput';
import { JsonInput } from './JsonInput';
import { ListInput } from './ListInput';
import { MapInput } from './MapInput';
import type { Field } from './schema';

export interface FieldProps {
  field: Field;
  /** Dotted path from the top of the form. */
  path: string;
  value: unknown;
  errors: Readonly<Record<string, string>>;
  subjects?: readonly Subject[];
  disabled?: boolean;
  onChange: (value: unknown) => void;
}

export function FieldInput(props: FieldProps) {
  const { field, path, value, errors, subjects, disabled, onChange } = props;
  const common = {
    label: field.unit === undefined ? field.title : `${field.title} (${field.unit})`,
    description: field.description,
    required: field.required,
    error: errors[path],
    disabled,
  };
  switch (field.kind) {
    case 'text':
      return (
        <TextInput
          {...common}
          maxLength={field.schema.maxLength}
          value={text(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'longText':
      return (
        <Textarea
          {...common}
          autosize
          minRows={4}
          maxRows={16}
          maxLength={field.schema.maxLength}
          value={text(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'number':
    case 'integer':
      return (
        <NumberInput
          {...common}
          min={field.schema.minimum}
          max={field.schema.maximum}
          allowDecimal={field.kind === 'number'}
          clampBehavior="none"
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    case 'boolean':
      return (
        <Switch
          {...common}
          required={false}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <NativeSelect
          {...common}
          value={text(value)}
          data={(field.schema.enum ?? []).map(String)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'duration':
      return (
        <DurationInput
          {...common}
          error={within(errors, path)}
          value={value as Duration | undefined}
          onChange={onChange}
        />
      );
    case 'condition':
      return (
        <Input.Wrapper {...common} error={within(errors, path)} required={false} labelElement="div">
          <ConditionBuilder
            label={field.title}
            value={value as Where}
            subjects={subjects}
            disabled={disabled}
            onChange={(next) => onChange(next ?? (field.required ? [] : undefined))}
          />
        </Input.Wrapper>
      );
    case 'texts':
    case 'objects':
      return <ListInput {...props} />;
    case 'textMap':
    case 'numberMap':
    case 'valueMap':
      return <MapInput {...props} />;
    case 'json':
      return <JsonInput {...common} value={value} onChange={onChange} />;
  }
}

/** What is wrong with a field or with a part of it, for fields whose parts show no errors themselves. */
const within = (errors: FieldProps['errors'], path: string): string | undefined =>
  errors[path] ?? Object.entries(errors).find(([place]) => place.startsWith(`${path}.`))?.[1];

const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));
