/** Any JSON value, as text. What is not JSON yet is kept in the field, also while another form is looked at. */
import { Textarea } from '@mantine/core';
import { use, useState } from 'react';
import { t } from '../../app/messages';
import { FormName } from './FormName';

interface Props {
  label: string;
  description?: string;
  required?: boolean;
  error?: string;
  disabled?: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** What is not JSON yet, by form and field. */
const begun = new Map<string, string>();

export function JsonInput({ value, error, onChange, ...common }: Props) {
  const place = `${use(FormName)}\n${common.label}`;
  const [typed, setTyped] = useState(begun.get(place));
  const shown = typed ?? (value === undefined || value === null ? '' : JSON.stringify(value, null, 2));
  const unfinished = typed !== undefined && isBegun(typed);
  return (
    <Textarea
      {...common}
      autosize
      minRows={4}
      maxRows={16}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
      error={unfinished ? t('form.json.invalid') : error}
      value={shown}
      onBlur={() => {
        if (!unfinished) setTyped(undefined);
      }}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        if (isBegun(text)) begun.set(place, text);
        else begun.delete(place);
        if (text.trim() === '') onChange(undefined);
        else {
          const next = parsed(text);
          if (next !== undefined) onChange(next.value);
        }
      }}
    />
  );
}

const isBegun = (text: string): boolean => text.trim() !== '' && parsed(text) === undefined;

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
