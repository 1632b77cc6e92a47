/** What is searched for, handed on when the typing pauses. */
import { CloseButton, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../../app/messages';

const PAUSE = 250;

export function SearchBox({
  value,
  onChange,
}: {
  value: string;
  onChange: (text: string | undefined) => void;
}) {
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  if (value !== told) {
    // The address has changed from elsewhere: by a link, or by going back.
    setTold(value);
    if (value !== text.trim()) setText(value);
  }
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim() || undefined), PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <TextInput
      role="searchbox"
      aria-label={t('profiles.search.label')}
      placeholder={t('profiles.search')}
      leftSection={<Search size={16} aria-hidden="true" />}
      rightSection={
        text !== '' && (
          <CloseButton size="sm" aria-label={t('profiles.search.clear')} onClick={() => setText('')} />
        )
      }
      dir="auto"
      w={320}
      maw="100%"
      maxLength={255}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
