/** The frame of a page: its title, which is also the browser's, its actions, and its content. */
import { Group, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { t } from '../app/messages';
import classes from './Page.module.css';

interface Props {
  title: string;
  /** Beside the title. */
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, aside, actions, children }: Props) {
  useDocumentTitle(`${title} · ${t('app.name')}`);
  return (
    <div className={classes.page}>
      <Group justify="space-between" mb="lg" gap="sm">
        <Group gap="sm">
          <Title order={1} size="h3" className="mp-name">
            {title}
          </Title>
          {aside}
        </Group>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </div>
  );
}

/** A white sheet on the page. */
export function Sheet({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={className ? `${classes.sheet} ${className}` : classes.sheet}>{children}</div>;
}
