/** Builds a condition: tests of params and attributes, in groups that may hold groups. */
import { ActionIcon, Button, NativeSelect, Group as Row, Text } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { t } from '../../app/messages';
import classes from './ConditionBuilder.module.css';
import {
  type Group,
  type Item,
  isGroup,
  type Kind,
  newTest,
  toGroup,
  toWhere,
  type Where,
} from './condition';
import { type Known, KnownNames } from './known';
import { TestRow } from './TestRow';

export type Subject = 'param' | 'attribute';

interface Props {
  /** Names the whole for screen readers. */
  label: string;
  value: Where;
  /** What can be tested here; the first is what a new test begins with. */
  subjects?: readonly Subject[];
  disabled?: boolean;
  /** Names to suggest. */
  known?: Known;
  onChange: (value: Where) => void;
}

const NOTHING: Known = {};

const BOTH: readonly Subject[] = ['param', 'attribute'];

export function ConditionBuilder({
  label,
  value,
  subjects = BOTH,
  disabled,
  known = NOTHING,
  onChange,
}: Props) {
  return (
    <fieldset className={classes.builder} disabled={disabled}>
      <legend className="mp-hidden">{label}</legend>
      <KnownNames value={known}>
        <GroupBox group={toGroup(value)} subjects={subjects} onChange={(group) => onChange(toWhere(group))} />
      </KnownNames>
    </fieldset>
  );
}

interface BoxProps {
  group: Group;
  subjects: readonly Subject[];
  onChange: (group: Group) => void;
  onRemove?: () => void;
}

const KINDS: readonly Kind[] = ['all', 'any', 'none', 'notAll'];

function GroupBox({ group, subjects, onChange, onRemove }: BoxProps) {
  const put = (index: number, item: Item) => onChange({ ...group, items: group.items.with(index, item) });
  const drop = (index: number) => onChange({ ...group, items: group.items.toSpliced(index, 1) });
  const add = (item: Item) => onChange({ ...group, items: [...group.items, item] });
  const isPlain = group.items.length < 2 && group.kind === 'all' && onRemove === undefined;
  return (
    <div className={onRemove === undefined ? undefined : classes.group}>
      {!isPlain && (
        <Row gap="xs" mb="xs" wrap="nowrap">
          <NativeSelect
            size="xs"
            aria-label={t('condition.group')}
            value={group.kind}
            data={KINDS.map((kind) => ({ value: kind, label: t(`condition.group.${kind}`) }))}
            onChange={(event) => onChange({ ...group, kind: event.currentTarget.value as Kind })}
          />
          {onRemove !== undefined && (
            <ActionIcon
              variant="subtle"
              color="gray"
              ml="auto"
              aria-label={t('condition.removeGroup')}
              onClick={onRemove}
            >
              <X size={16} />
            </ActionIcon>
          )}
        </Row>
      )}
      {group.items.length === 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          {t('condition.always')}
        </Text>
      )}
      {group.items.map((item, index) =>
        isGroup(item) ? (
          <GroupBox
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a condition have no names; their place is what they are
            key={index}
            group={item}
            subjects={subjects}
            onChange={(next) => put(index, next)}
            onRemove={() => drop(index)}
          />
        ) : (
          <TestRow
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            key={index}
            test={item}
            subjects={subjects}
            onChange={(next) => put(index, next)}
            onRemove={() => drop(index)}
          />
        ),
      )}
      <Row gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} />}
          onClick={() => add(newTest(subjects[0] ?? 'param'))}
        >
          {t('condition.add')}
        </Button>
        {group.items.length > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => add({ kind: 'any', items: [newTest(subjects[0] ?? 'param')] })}
          >
            {t('condition.addGroup')}
          </Button>
        )}
      </Row>
    </div>
  );
}
