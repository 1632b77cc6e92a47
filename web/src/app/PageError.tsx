import type { ErrorComponentProps } from '@tanstack/react-router';
import { Failed } from '../ui/states';

export function PageError({ error, reset }: ErrorComponentProps) {
  return <Failed error={error} onRetry={reset} />;
}
