/** A number in an answer; a click shows the profiles behind it. */
import { UnstyledButton } from '@mantine/core';
import { number } from '../../app/format';
import { t } from '../../app/messages';
import classes from './AnswerSheet.module.css';

export function NumberLink({ value, label, onClick }: { value: number; label: string; onClick: () => void }) {
  if (value === 0) return <>{number(0)}</>;
  return (
    <UnstyledButton
      className={classes.link}
      aria-haspopup="dialog"
      aria-label={`${number(value)}, ${label}, ${t('members.title')}`}
      onClick={onClick}
    >
      {number(value)}
    </UnstyledButton>
  );
}
