/** Short notices at the edge of the screen; read out by screen readers. */
import { notifications } from '@mantine/notifications';
import { t } from '../app/messages';
import { explain } from './explain';

export function tell(message: string): void {
  notifications.show({ message, color: 'teal', role: 'status', closeButtonProps: closing() });
}

export function tellError(error: unknown): void {
  const { message, fix } = explain(error);
  notifications.show({
    title: message,
    message: fix ?? '',
    color: 'red',
    autoClose: 10_000,
    role: 'alert',
    closeButtonProps: closing(),
  });
}

const closing = () => ({ 'aria-label': t('common.close') });
