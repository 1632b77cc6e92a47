/** What the calendar asks the server. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import type { Channel } from './search';

export type Calendar = Schemas['Calendar'];
export type Place = Schemas['Place'];

export const calendarQuery = (journey: string | undefined, channel: Channel | undefined) =>
  queryOptions({
    queryKey: ['calendar', journey, channel],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/calendar', { params: { query: { journey, channel } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
