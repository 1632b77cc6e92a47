/** The way through the pages of a list. A page is in the address; the one before is the one that one came from. */
import { Button, Group, Text } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, ChevronsLeft } from 'lucide-react';
import { t } from '../../app/messages';
import { PAGE } from './queries';

const route = getRouteApi('/profiles');

interface Props {
  page: number;
  shown: number;
  total: number;
  next: number | null;
}

export function Pages({ page, shown, total, next }: Props) {
  const navigate = route.useNavigate();
  const { history } = useRouter();
  if (page === 1 && next === null) return null;
  const begin = (page - 1) * PAGE + 1;
  const turned = (history.location.state as { turned?: boolean }).turned === true;
  return (
    <Group component="nav" aria-label={t('profiles.pages')} justify="space-between" mt="sm">
      <Text size="sm" c="dimmed" className="mp-number">
        {t('profiles.shown', { first: begin, last: begin + shown - 1, total })}
      </Text>
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          disabled={page === 1}
          leftSection={<ChevronsLeft size={16} />}
          onClick={() => navigate({ search: (now) => ({ ...now, after: undefined, page: undefined }) })}
        >
          {t('profiles.first')}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={page === 1 || !turned}
          leftSection={<ChevronLeft size={16} />}
          onClick={() => history.back()}
        >
          {t('profiles.previous')}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={next === null}
          rightSection={<ChevronRight size={16} />}
          onClick={() =>
            navigate({
              search: (now) => ({ ...now, after: next ?? undefined, page: page + 1 }),
              state: (now) => ({ ...now, turned: true }),
            })
          }
        >
          {t('profiles.next')}
        </Button>
      </Group>
    </Group>
  );
}
