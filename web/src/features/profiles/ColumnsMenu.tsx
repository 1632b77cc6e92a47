/** Which columns the list has. */
import { Button, Checkbox, Popover, ScrollArea, Stack, Text } from '@mantine/core';
import { Columns3 } from 'lucide-react';
import { t } from '../../app/messages';
import { attributeColumn, KINDS } from './columns';

interface Props {
  chosen: readonly string[];
  attributes: readonly string[];
  onChange: (ids: string[]) => void;
}

export function ColumnsMenu({ chosen, attributes, onChange }: Props) {
  const groups = [
    {
      label: t('profiles.columns.identifiers'),
      ids: KINDS.map((id) => [id, t(`profiles.kind.${id}`)] as const),
    },
    {
      label: t('profiles.columns.more'),
      ids: (['tags', 'created'] as const).map((id) => [id, t(`profiles.column.${id}`)] as const),
    },
    {
      label: t('profiles.columns.attributes'),
      ids: attributes.map((name) => [attributeColumn(name), name] as const),
    },
  ];
  return (
    <Popover position="bottom-end" shadow="md" width={260} trapFocus returnFocus withRoles>
      <Popover.Target>
        <Button variant="default" leftSection={<Columns3 size={16} aria-hidden="true" />}>
          {t('profiles.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('profiles.columns')} p={0}>
        <ScrollArea.Autosize mah={420} p="md">
          <Checkbox.Group value={[...chosen]} onChange={onChange}>
            {groups
              .filter(({ ids }) => ids.length > 0)
              .map(({ label, ids }) => (
                <Stack key={label} gap={8} mb="md">
                  <Text size="xs" fw={600} c="dimmed">
                    {label}
                  </Text>
                  {ids.map(([id, name]) => (
                    <Checkbox key={id} value={id} label={<bdi>{name}</bdi>} />
                  ))}
                </Stack>
              ))}
          </Checkbox.Group>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
