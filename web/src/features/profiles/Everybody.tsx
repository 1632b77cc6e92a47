/** All profiles, or those that a search finds. */
import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { UserRoundSearch } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../app/messages';
import { catalogueQuery } from '../../ui/catalogue';
import { Page, Sheet } from '../../ui/Page';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import { ColumnsMenu } from './ColumnsMenu';
import { ALWAYS, columnsOf } from './columns';
import { ExportButton } from './ExportButton';
import { FirstEvent } from './FirstEvent';
import { Pages } from './Pages';
import { profilesQuery } from './queries';
import { Rows } from './Rows';
import { SearchBox } from './SearchBox';

const route = getRouteApi('/profiles');

export function Everybody() {
  const { search, after, page, columns: ids = ALWAYS } = route.useSearch();
  const navigate = route.useNavigate();
  const profiles = useQuery(profilesQuery(search, after));
  const catalogue = useQuery(catalogueQuery);
  const [waited, setWaited] = useState(false);

  const show = (text: string | undefined) =>
    navigate({ search: ({ columns }) => ({ columns, search: text }), replace: true });
  const { data } = profiles;
  const isEmpty = data?.total === 0 && search === undefined;
  if (isEmpty && !waited) setWaited(true);
  const columns = columnsOf(ids);

  const title = t('profiles.title');
  if (data === undefined)
    return (
      <Page title={title}>
        <Sheet>
          {profiles.isError ? (
            <Failed error={profiles.error} onRetry={() => profiles.refetch()} />
          ) : (
            <LoadingRows />
          )}
        </Sheet>
      </Page>
    );
  if (waited)
    return (
      <Page title={title}>
        <Sheet>
          <FirstEvent first={data.profiles[0]} />
        </Sheet>
      </Page>
    );
  return (
    <Page
      title={title}
      actions={
        <>
          <ColumnsMenu
            chosen={ids}
            attributes={catalogue.data?.attributes.map((one) => one.name) ?? []}
            onChange={(next) => navigate({ search: (now) => ({ ...now, columns: next }), replace: true })}
          />
          <ExportButton whom={{ search }} columns={columns} file={t('profiles.file')} />
        </>
      }
    >
      <Sheet>
        <Group mb="sm" gap="md">
          <SearchBox value={search ?? ''} onChange={show} />
          <span role="status">{t('profiles.count', { count: data.total })}</span>
        </Group>
        {data.profiles.length === 0 ? (
          <Empty
            icon={<UserRoundSearch size={26} />}
            title={t('profiles.nothing.title')}
            text={search === undefined ? undefined : t('profiles.nothing.text', { text: search })}
          >
            <Button variant="default" onClick={() => show(undefined)}>
              {t('profiles.nothing.all')}
            </Button>
          </Empty>
        ) : (
          <>
            <Rows rows={data.profiles} columns={columns} stale={profiles.isPlaceholderData} />
            <Pages page={page ?? 1} shown={data.profiles.length} total={data.total} next={data.next} />
          </>
        )}
      </Sheet>
    </Page>
  );
}
