/** Copies a text and says that it did. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../app/messages';
import { copyText } from './copy';
import { tellError } from './notices';

interface Props {
  text: string | (() => string);
  /** What is copied; the name of the button. */
  label: string;
  /** Without words: an icon, with the label as its tooltip. */
  small?: boolean;
}

export function CopyButton({ text, label, small = false }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    copyText(typeof text === 'string' ? text : text()).then(() => setCopied(true), tellError);
  const icon = copied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />;
  return (
    <>
      <span className="mp-hidden" role="status">
        {copied ? t('common.copied') : ''}
      </span>
      {small ? (
        <Tooltip label={copied ? t('common.copied') : label}>
          <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={copy}>
            {icon}
          </ActionIcon>
        </Tooltip>
      ) : (
        <Button size="xs" variant="default" leftSection={icon} onClick={copy}>
          {copied ? t('common.copied') : label}
        </Button>
      )}
    </>
  );
}
