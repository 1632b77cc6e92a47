/** Everything that happened to the customer, newest first. New events wait behind a pill, so that nothing jumps. */
import { Button, Center, Loader, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Activity as ActivityIcon, ArrowUp, ListFilter } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { t } from '../../app/messages';
import { Sheet } from '../../ui/Page';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import { useOpened } from '../../ui/workspace';
import classes from './ActivityStream.module.css';
import pages from './CardPage.module.css';
import { Days } from './Days';
import { Filters } from './Filters';
import { activityQuery, choiceOf, NEWS, newsQuery, type Stream } from './queries';
import { isFiltered } from './search';
import { days, eventsOf, unseen, withNews } from './stream';

const route = getRouteApi('/profiles/$id');

export function ActivityStream({ id }: { id: string }) {
  const opened = useOpened();
  return (
    <Sheet className={`${pages.middle} ${classes.sheet}`}>
      <Title order={2} size="h5">
        {t('activity.title')}
      </Title>
      <Filters />
      {opened === undefined ? <LoadingRows rows={9} /> : <Events id={id} opened={opened} />}
    </Sheet>
  );
}

function Events({ id, opened }: { id: string; opened: number }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const choice = useMemo(() => choiceOf(search, opened), [search, opened]);
  const options = activityQuery(id, choice);
  const stream = useInfiniteQuery(options);
  const newest = useQuery(newsQuery(id, choice));
  const top = useRef<HTMLDivElement>(null);

  const events = useMemo(() => eventsOf(stream.data), [stream.data]);
  const shown = useMemo(() => days(events), [events]);
  const news = stream.isFetching ? [] : unseen(stream.data, newest.data?.events ?? []);

  const take = () => {
    const now = queries.getQueryData<Stream>(options.queryKey);
    if (now === undefined || news.length >= NEWS) void queries.resetQueries({ queryKey: options.queryKey });
    else queries.setQueryData(options.queryKey, withNews(now, news));
    top.current?.scrollIntoView({ block: 'nearest' });
    top.current?.focus({ preventScroll: true });
  };
  // Nobody is reading an empty stream, so nothing can jump.
  const isEmpty = stream.isSuccess && events.length === 0;
  useEffect(() => {
    if (isEmpty && news.length > 0) take();
  });

  if (stream.data === undefined)
    return stream.isError ? (
      <Failed error={stream.error} onRetry={() => stream.refetch()} />
    ) : (
      <LoadingRows rows={9} />
    );
  if (isEmpty)
    return isFiltered(search) ? (
      <Empty icon={<ListFilter size={26} />} title={t('activity.filtered.title')}>
        <Button variant="default" onClick={() => navigate({ search: {} })}>
          {t('activity.clear')}
        </Button>
      </Empty>
    ) : (
      <Empty
        icon={<ActivityIcon size={26} />}
        title={t('activity.none.title')}
        text={t('activity.none.text')}
      />
    );
  return (
    <>
      <div ref={top} tabIndex={-1} className={classes.top} />
      <div className={classes.pill} role="status">
        {news.length > 0 && (
          <Button size="xs" radius="xl" leftSection={<ArrowUp size={14} aria-hidden="true" />} onClick={take}>
            {news.length >= NEWS
              ? t('activity.newMany', { count: NEWS })
              : t('activity.new', { count: news.length })}
          </Button>
        )}
      </div>
      <Days days={shown} />
      <Center mt="md">
        {stream.hasNextPage ? (
          <Button
            variant="default"
            loading={stream.isFetchingNextPage}
            loaderProps={{ children: <Loader size="xs" type="dots" aria-label={t('common.loading')} /> }}
            onClick={() => stream.fetchNextPage()}
          >
            {t('activity.older')}
          </Button>
        ) : (
          <span className={classes.begin}>{t('activity.begin')}</span>
        )}
      </Center>
      {stream.isFetchNextPageError && <Failed error={stream.error} onRetry={() => stream.fetchNextPage()} />}
    </>
  );
}
