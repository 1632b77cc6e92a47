/** Any JSON value, as text. What is not JSON yet is kept in the field. */
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { t } from '../../app/messages';

interface Props {
  label: string;
  description?: string;
  required?: boolean;
  error?: string;
  disabled?: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

export function JsonInput({ value, error, onChange, ...common }: Props) {
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? (value === undefined || value === null ? '' : JSON.stringify(value, null, 2));
  const unfinished = typed !== undefined && typed.trim() !== '' && parsed(typed) === undefined;
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
        if (text.trim() === '') onChange(undefined);
        else {
          const next = parsed(text);
          if (next !== undefined) onChange(next.value);
        }
      }}
    />
  );
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
