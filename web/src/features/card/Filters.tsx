/** Which events of the stream are shown: family, action, period. */
import { Button, MultiSelect, Pill, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { t } from '../../app/messages';
import { MESSAGES, MOVES } from '../../ui/actions';
import { catalogueQuery } from '../../ui/catalogue';
import classes from './Filters.module.css';
import { type CardSearch, type Family, isFiltered, type Period } from './search';

const route = getRouteApi('/profiles/$id');
const FAMILIES = ['all', 'moves', 'messages'] as const;
const PERIODS = ['any', 'day', 'week', 'month', 'custom'] as const;

export function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const catalogue = useQuery(catalogueQuery);
  const [custom, setCustom] = useState(search.from !== undefined || search.to !== undefined);
  const put = (change: Partial<CardSearch>) => navigate({ search: (now) => ({ ...now, ...change }) });
  const seen = catalogue.data?.actions.map((one) => one.action) ?? [];
  const actions = [...new Set([...seen, ...MOVES, ...MESSAGES, ...(search.actions ?? [])])].sort();
  const period = search.period ?? (custom || search.from || search.to ? 'custom' : 'any');
  return (
    <div className={classes.filters}>
      <SegmentedControl
        size="xs"
        aria-label={t('activity.family')}
        value={search.family ?? 'all'}
        data={FAMILIES.map((one) => ({ value: one, label: t(`activity.family.${one}`) }))}
        onChange={(value) =>
          put({ family: value === 'all' ? undefined : (value as Family), actions: undefined })
        }
      />
      <MultiSelect
        size="xs"
        className={classes.actions}
        aria-label={t('activity.actions')}
        placeholder={search.actions === undefined ? t('activity.actions.all') : undefined}
        data={actions}
        value={search.actions ?? []}
        searchable
        clearable
        hidePickedOptions
        limit={80}
        clearButtonProps={{ 'aria-label': t('activity.clear') }}
        onChange={(value) => put({ actions: value.length > 0 ? value : undefined, family: undefined })}
      />
      <Select
        size="xs"
        className={classes.period}
        aria-label={t('activity.period')}
        value={period}
        allowDeselect={false}
        data={PERIODS.map((one) => ({ value: one, label: t(`activity.period.${one}`) }))}
        onChange={(value) => {
          setCustom(value === 'custom');
          const isPeriod = value === 'day' || value === 'week' || value === 'month';
          put({ period: isPeriod ? (value as Period) : undefined, from: undefined, to: undefined });
        }}
      />
      {period === 'custom' &&
        (['from', 'to'] as const).map((end) => (
          <TextInput
            key={end}
            size="xs"
            type="date"
            aria-label={t(`activity.${end}`)}
            value={search[end] ?? ''}
            onChange={(event) => put({ [end]: event.currentTarget.value || undefined })}
          />
        ))}
      {search.run !== undefined && (
        <Pill
          size="md"
          withRemoveButton
          removeButtonProps={{
            'aria-label': t('common.removeItem', { item: t('activity.run') }),
            tabIndex: 0,
            'aria-hidden': false,
          }}
          onRemove={() => put({ run: undefined })}
        >
          {t('activity.run')}
        </Pill>
      )}
      {isFiltered(search) && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            setCustom(false);
            navigate({ search: {} });
          }}
        >
          {t('activity.clear')}
        </Button>
      )}
    </div>
  );
}
