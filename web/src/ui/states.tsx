/** What stands where data would be: while it loads, when there is none, and when it could not be had. */
import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { CircleAlert, RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../app/messages';
import { explain } from './explain';
import classes from './states.module.css';

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}

/** Nothing there yet: says so, and leads on. */
export function Empty({ icon, title, text, children }: EmptyProps) {
  return (
    <div className={classes.empty}>
      {icon !== undefined && (
        <div className={classes.icon} aria-hidden="true">
          {icon}
        </div>
      )}
      <Title order={2} size="h4">
        {title}
      </Title>
      {text !== undefined && (
        <Text c="dimmed" maw={460}>
          {text}
        </Text>
      )}
      {children !== undefined && <Group mt="sm">{children}</Group>}
    </div>
  );
}

/** It could not be had: why, what to do, and a way to try again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { message, fix } = explain(error);
  return (
    <div className={classes.empty} role="alert">
      <div className={classes.bad} aria-hidden="true">
        <CircleAlert size={26} />
      </div>
      <Title order={2} size="h4">
        {message}
      </Title>
      {fix !== null && (
        <Text c="dimmed" maw={460}>
          {fix}
        </Text>
      )}
      {onRetry !== undefined && (
        <Button mt="sm" variant="default" leftSection={<RotateCcw size={16} />} onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
    </div>
  );
}

/** Lines that will be rows. */
export function LoadingRows({ rows = 6 }: { rows?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} height={36} radius="sm" />
      ))}
    </Stack>
  );
}
