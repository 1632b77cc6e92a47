/** Tags of a profile, as text in whatever script. */
import { Badge } from '@mantine/core';
import classes from './Tags.module.css';

export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span className={classes.tags}>
      {tags.map((tag) => (
        <Badge key={tag} variant="light" className={classes.tag}>
          <bdi>{tag}</bdi>
        </Badge>
      ))}
    </span>
  );
}
