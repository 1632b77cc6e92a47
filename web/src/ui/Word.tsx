/** A word that one can click: it opens what stands behind it, and reads as the choice that was made. */
import { Popover, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './Word.module.css';

interface Props {
  /** What is chosen here, for screen readers. */
  label: string;
  text: string;
  width?: number;
  /** Gets a function that closes it, for choices that are made with one click. */
  children: (close: () => void) => ReactNode;
}

export function Word({ label, text, width = 300, children }: Props) {
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <Popover
      opened={opened}
      onChange={(open) => (open ? toggle() : close())}
      width={width}
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
      withinPortal
      withRoles
    >
      <Popover.Target>
        <UnstyledButton className={classes.word} aria-label={`${label}: ${text}`} onClick={toggle}>
          <bdi>{text}</bdi>
          <ChevronDown size={13} aria-hidden="true" className={classes.mark} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>{children(close)}</Popover.Dropdown>
    </Popover>
  );
}

/** Choices of a word, of which one holds. */
export function Choices<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T | undefined;
  options: ReadonlyArray<{ value: T; label: string; help?: string; disabled?: boolean }>;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className={classes.choices}>
      <legend className="mp-hidden">{label}</legend>
      {options.map((option) => (
        <UnstyledButton
          key={option.value}
          className={classes.choice}
          aria-pressed={option.value === value}
          disabled={option.disabled}
          onClick={() => onChange(option.value)}
        >
          {option.label}
          {option.help !== undefined && <span className={classes.help}>{option.help}</span>}
        </UnstyledButton>
      ))}
    </fieldset>
  );
}
