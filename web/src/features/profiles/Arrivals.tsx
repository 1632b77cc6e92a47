/** Show in CRM: the profiles with a tracked arrival at a node, since when, and why they may be fewer than counted (D-1.9). */
import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { EyeOff, Footprints } from 'lucide-react';
import { t } from '../../app/messages';
import { Page, Sheet } from '../../ui/Page';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import { Banner } from './Banner';
import { columnsOf } from './columns';
import { ExportButton } from './ExportButton';
import { Pages } from './Pages';
import { arrivalsQuery, journeyQuery } from './queries';
import { Rows } from './Rows';

const route = getRouteApi('/profiles');
const COLUMNS = columnsOf(['email', 'custom_id', 'arrivals', 'first', 'last']);

export function Arrivals({ journey: id, node }: { journey: string; node: string }) {
  const { after, page } = route.useSearch();
  const arrivals = useQuery(arrivalsQuery(id, node, after));
  const journey = useQuery(journeyQuery(id));
  const title = journey.data?.tracking.find((one) => one.node === node)?.title ?? node;
  const { data } = arrivals;
  return (
    <Page
      title={t('profiles.title')}
      actions={
        data !== undefined &&
        data.total > 0 && (
          <ExportButton whom={{ journey: id, node }} columns={COLUMNS} file={`${t('crm.file')} ${title}`} />
        )
      }
    >
      <Banner journey={id} name={journey.data?.name} node={node} title={title} found={data} />
      <Sheet>
        {data === undefined ? (
          arrivals.isError ? (
            <Failed error={arrivals.error} onRetry={() => arrivals.refetch()} />
          ) : (
            <LoadingRows />
          )
        ) : data.intervals.length === 0 ? (
          <Empty
            icon={<EyeOff size={26} />}
            title={t('crm.never.title')}
            text={t('crm.never.text', { count: data.entered })}
          >
            <Button
              renderRoot={(props) => (
                <Link to="/journeys/$id" params={{ id }} search={{ node, tab: 'tracking' }} {...props} />
              )}
            >
              {t('crm.never.action')}
            </Button>
          </Empty>
        ) : data.total === 0 ? (
          <Empty icon={<Footprints size={26} />} title={t('crm.nobody.title')} text={t('crm.nobody.text')} />
        ) : (
          <>
            <Group mb="xs">
              <span role="status">{t('profiles.count', { count: data.total })}</span>
            </Group>
            <Rows rows={data.profiles} columns={COLUMNS} stale={arrivals.isPlaceholderData} />
            <Pages page={page ?? 1} shown={data.profiles.length} total={data.total} next={data.next} />
          </>
        )}
      </Sheet>
    </Page>
  );
}
