/** Whether the server answers. Once it does not, it is asked again every two seconds until it does. */
import { createStore } from './store';

export type Connection = 'there' | 'lost';
export const connection = createStore<Connection>('there');

const EVERY = 2_000;
let asking = false;

export function lost(): void {
  connection.set('lost');
  if (asking) return;
  asking = true;
  const ask = async () => {
    try {
      const answer = await fetch('/health/live', { cache: 'no-store' });
      if (answer.ok) {
        asking = false;
        connection.set('there');
        return;
      }
    } catch {
      // still away
    }
    setTimeout(ask, EVERY);
  };
  setTimeout(ask, EVERY);
}
