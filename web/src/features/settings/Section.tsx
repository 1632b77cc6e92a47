/** A part of the settings: what it is about, what one can do, and what there is. */
import { Group, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { Sheet } from '../../ui/Page';
import classes from './Section.module.css';

interface Props {
  title: string;
  text: string;
  action?: ReactNode;
  children: ReactNode;
}

export function Section({ title, text, action, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Sheet>
        <Group justify="space-between" align="flex-start" mb="sm">
          <div className={classes.words}>
            <Title order={2} size="h4" id={id}>
              {title}
            </Title>
            <Text size="sm" c="dimmed" maw={640}>
              {text}
            </Text>
          </div>
          {action}
        </Group>
        {children}
      </Sheet>
    </section>
  );
}
