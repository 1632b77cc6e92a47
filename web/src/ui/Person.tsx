/** A profile in a line: its initials and what it is called, as text in whatever script. */
import { Avatar } from '@mantine/core';
import type { ReactNode } from 'react';
import { calledBy, initials, type Named } from './called';
import classes from './Person.module.css';

export function PersonMark({ who, size = 32 }: { who: Named; size?: number }) {
  return (
    <Avatar
      radius="xl"
      size={size}
      classNames={{ root: classes.mark, placeholder: classes.letters }}
      aria-hidden="true"
    >
      {initials(calledBy(who))}
    </Avatar>
  );
}

/** `children` wraps the name, as a link does. */
export function Person({
  who,
  below,
  children = (name) => name,
}: {
  who: Named;
  below?: ReactNode;
  children?: (name: ReactNode) => ReactNode;
}) {
  return (
    <div className={classes.person}>
      <PersonMark who={who} />
      <div className={classes.words}>
        {children(<bdi className={classes.name}>{calledBy(who)}</bdi>)}
        {below !== undefined && <div className={classes.below}>{below}</div>}
      </div>
    </div>
  );
}
