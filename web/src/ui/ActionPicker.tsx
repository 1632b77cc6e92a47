/** Chooses an action: those that were seen, by family, each with how often; any other may be typed. */
import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ago, number } from '../app/format';
import { t } from '../app/messages';
import { type ActionFamily, familyOf } from './actions';
import { catalogueQuery, type SeenAction } from './catalogue';
import { NameInput } from './NameInput';

interface Props {
  label?: string;
  hideLabel?: boolean;
  size?: 'xs' | 'sm';
  value: string;
  /** Whether moves are offered. */
  moves?: boolean;
  autoFocus?: boolean;
  onChange: (action: string) => void;
}

const FAMILIES: readonly ActionFamily[] = ['own', 'moves', 'messages', 'profile'];

export function ActionPicker({ label = t('catalogue.action'), moves = true, ...more }: Props) {
  const { data } = useQuery(catalogueQuery);
  const seen = data?.actions ?? [];
  const byName = new Map(seen.map((one) => [one.action, one]));
  const groups = FAMILIES.filter((family) => moves || family !== 'moves')
    .map((family) => ({
      group: t(`catalogue.${family}`),
      items: seen.filter((one) => familyOf(one.action) === family).map((one) => one.action),
    }))
    .filter(({ items }) => items.length > 0);
  return (
    <NameInput
      {...more}
      label={label}
      placeholder={t('catalogue.choose')}
      data={groups}
      renderOption={({ option }) => <Option name={option.value} seen={byName.get(option.value)} />}
    />
  );
}

function Option({ name, seen }: { name: string; seen: SeenAction | undefined }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm" w="100%">
      <span>{name}</span>
      {seen !== undefined && (
        <Text span size="xs" c="dimmed" title={ago(seen.last_seen)}>
          {number(seen.datapoints)}
        </Text>
      )}
    </Group>
  );
}
