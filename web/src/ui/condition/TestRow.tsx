/** One test: what, how, and with which value. */
import { ActionIcon, Autocomplete, Checkbox, NativeSelect } from '@mantine/core';
import { X } from 'lucide-react';
import { use } from 'react';
import { t } from '../../app/messages';
import type { Subject } from './ConditionBuilder';
import classes from './ConditionBuilder.module.css';
import { hasCase, OPERATORS, type Op, type Test, withOp } from './condition';
import { firstValue, KnownNames, textSamples } from './known';
import { ValueInput } from './ValueInput';

interface Props {
  test: Test;
  subjects: readonly Subject[];
  onChange: (test: Test) => void;
  onRemove: () => void;
}

const OPS = OPERATORS.map(({ family, ops }) => ({
  group: t(`condition.family.${family}`),
  items: ops.map((op) => ({ value: op, label: t(`op.${op}`) })),
}));

export function TestRow({ test, subjects, onChange, onRemove }: Props) {
  const known = use(KnownNames);
  const subject: Subject = typeof test.attribute === 'string' ? 'attribute' : 'param';
  const name = test[subject] ?? '';
  const rename = (to: Subject, text: string) => {
    const { param: _, attribute: __, ...rest } = test;
    const value = test.value === '' && test.op === 'equal' ? firstValue(text, known[to] ?? []) : test.value;
    onChange({ ...rest, [to]: text, value });
  };
  const offered = subjects.includes(subject) ? subjects : [...subjects, subject];
  return (
    <div className={classes.test}>
      <div className={classes.fields}>
        {offered.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label={t('condition.subject')}
            value={subject}
            data={offered.map((one) => ({ value: one, label: t(`condition.${one}`) }))}
            onChange={(event) => rename(event.currentTarget.value as Subject, name)}
          />
        )}
        <Autocomplete
          size="xs"
          aria-label={t(`condition.name.${subject}`)}
          placeholder={t(`condition.name.${subject}`)}
          value={name}
          data={(known[subject] ?? []).map((one) => one.name)}
          limit={60}
          comboboxProps={{ withinPortal: false }}
          onChange={(text) => rename(subject, text)}
        />
        <NativeSelect
          size="xs"
          aria-label={t('condition.operator')}
          value={test.op}
          data={OPS}
          onChange={(event) => onChange(withOp(test, event.currentTarget.value as Op))}
        />
        <ValueInput
          test={test}
          samples={textSamples(name, known[subject] ?? [])}
          onChange={(value) => onChange({ ...test, value })}
        />
        {hasCase(test) && (
          <Checkbox
            size="xs"
            className={classes.narrow}
            label={t('condition.ignoreCase')}
            checked={test.ignore_case ?? false}
            onChange={(event) => onChange({ ...test, ignore_case: event.currentTarget.checked })}
          />
        )}
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={t('condition.remove')} onClick={onRemove}>
        <X size={16} />
      </ActionIcon>
    </div>
  );
}
