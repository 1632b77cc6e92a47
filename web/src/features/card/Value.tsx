/** A JSON value, always as text; what is long is shown at first in part. */
import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { t } from '../../app/messages';
import { valueText } from '../../ui/value';
import classes from './Value.module.css';

const LONG = 300;

export function Value({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  const isStructure = typeof value === 'object' && value !== null;
  const text = isStructure ? JSON.stringify(value, null, 2) : valueText(value);
  const shown = whole || text.length <= LONG ? text : `${text.slice(0, LONG)}…`;
  return (
    <span className={classes.value}>
      {isStructure ? (
        <pre className={classes.structure} dir="ltr">
          {shown}
        </pre>
      ) : (
        <bdi className={classes.text}>{shown}</bdi>
      )}
      {shown !== text && (
        <UnstyledButton className={classes.more} onClick={() => setWhole(true)}>
          {t('event.whole')}
        </UnstyledButton>
      )}
    </span>
  );
}
