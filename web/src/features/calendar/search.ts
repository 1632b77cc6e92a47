/** What the address of the calendar says: what is counted, and which hour is open. */
export const CHANNELS = ['email', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface CalendarSearch {
  journey?: string;
  channel?: Channel;
  /** Begin of an hour, or `backlog`. */
  at?: string;
}

export function calendarSearch(search: Record<string, unknown>): CalendarSearch {
  const { journey, at } = search;
  const channel = CHANNELS.find((one) => one === search.channel);
  return {
    ...(typeof journey === 'string' && journey !== '' ? { journey } : {}),
    ...(channel === undefined ? {} : { channel }),
    ...(typeof at === 'string' && (at === BACKLOG || !Number.isNaN(Date.parse(at))) ? { at } : {}),
  };
}

export const BACKLOG = 'backlog';
