/** Which effects are shown; all of it is in the address. */
import { Button, Pill, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { t } from '../../app/messages';
import { journeysQuery } from '../../ui/journeys';
import classes from './effects.module.css';
import { CHANNELS, type EffectsSearch, isFiltered, PERIODS, STATES } from './search';

const route = getRouteApi('/effects');

export function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const journeys = useQuery(journeysQuery).data?.journeys ?? [];
  const put = (change: Partial<EffectsSearch>) => navigate({ search: (now) => ({ ...now, ...change }) });
  const choices = journeys.map(({ id, name }) => ({ value: id, label: name }));
  if (search.journey !== undefined && !choices.some(({ value }) => value === search.journey))
    choices.push({ value: search.journey, label: search.journey });
  return (
    <div className={classes.filters}>
      <Select
        size="xs"
        className={classes.choice}
        aria-label={t('effects.state')}
        placeholder={t('effects.state.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('common.removeItem', { item: t('effects.state') }) }}
        data={STATES.map((one) => ({ value: one, label: t(`effects.state.${one}`) }))}
        value={search.state ?? null}
        onChange={(value) => put({ state: STATES.find((one) => one === value) })}
      />
      <Select
        size="xs"
        className={classes.choice}
        aria-label={t('effects.channel')}
        placeholder={t('effects.channel.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('common.removeItem', { item: t('effects.channel') }) }}
        data={CHANNELS.map((one) => ({ value: one, label: t(`effects.channel.${one}`) }))}
        value={search.channel ?? null}
        onChange={(value) => put({ channel: CHANNELS.find((one) => one === value) })}
      />
      <Select
        size="xs"
        className={classes.choice}
        aria-label={t('effects.journey')}
        placeholder={t('effects.journey.any')}
        clearable
        searchable
        clearButtonProps={{ 'aria-label': t('common.removeItem', { item: t('effects.journey') }) }}
        data={choices}
        value={search.journey ?? null}
        onChange={(value) => put({ journey: value ?? undefined, node: undefined })}
      />
      <Select
        size="xs"
        className={classes.choice}
        aria-label={t('effects.period')}
        placeholder={t('effects.period.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('common.removeItem', { item: t('effects.period') }) }}
        data={PERIODS.map((one) => ({ value: one, label: t(`effects.period.${one}`) }))}
        value={search.period ?? null}
        onChange={(value) => put({ period: PERIODS.find((one) => one === value) })}
      />
      {search.node !== undefined && (
        <Removable
          text={t('effects.node', { node: search.node })}
          onRemove={() => put({ node: undefined })}
        />
      )}
      {search.profile !== undefined && (
        <Removable text={t('effects.profile')} onRemove={() => put({ profile: undefined })} />
      )}
      {isFiltered(search) && (
        <Button size="xs" variant="subtle" onClick={() => navigate({ search: {} })}>
          {t('effects.clear')}
        </Button>
      )}
    </div>
  );
}

function Removable({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <Pill
      size="md"
      withRemoveButton
      removeButtonProps={{ 'aria-label': t('common.removeItem', { item: text }), tabIndex: 0 }}
      onRemove={onRemove}
    >
      {text}
    </Pill>
  );
}
