/** Conditions as the server writes them, as the builder edits them, and as a sentence. Pure. */
import { duration, number, type Unit } from '../../app/format';
import { t, tOr } from '../../app/messages';

export type Op =
  | 'equal'
  | 'not_equal'
  | 'in'
  | 'not_in'
  | 'exists'
  | 'not_exists'
  | 'contains'
  | 'not_contains'
  | 'starts_with'
  | 'ends_with'
  | 'regex'
  | 'less'
  | 'less_or_equal'
  | 'greater'
  | 'greater_or_equal'
  | 'between'
  | 'is_true'
  | 'is_false'
  | 'before'
  | 'after'
  | 'on'
  | 'within_last'
  | 'within_next'
  | 'in_current'
  | 'contains_any'
  | 'contains_all'
  | 'is_empty';

export interface Test {
  param?: string | null;
  attribute?: string | null;
  op: Op;
  value?: unknown;
  ignore_case?: boolean;
}

export type Condition = Test | { all: Condition[] } | { any: Condition[] } | { not: Condition };
/** As it stands in a setting: a bare list means all of it, nothing means always. */
export type Where = Condition | Condition[] | null | undefined;

export type Kind = 'all' | 'any' | 'none' | 'notAll';
export interface Group {
  kind: Kind;
  items: Item[];
}
export type Item = Test | Group;

export const isGroup = (item: Item): item is Group => 'items' in item;
export const EMPTY: Group = { kind: 'all', items: [] };
export const newTest = (subject: 'param' | 'attribute'): Test => ({ [subject]: '', op: 'equal', value: '' });

export function toGroup(where: Where): Group {
  if (where === null || where === undefined) return EMPTY;
  if (Array.isArray(where)) return { kind: 'all', items: where.map(toItem) };
  const item = toItem(where);
  return isGroup(item) ? item : { kind: 'all', items: [item] };
}

function toItem(condition: Condition): Item {
  if ('all' in condition) return { kind: 'all', items: condition.all.map(toItem) };
  if ('any' in condition) return { kind: 'any', items: condition.any.map(toItem) };
  if ('not' in condition) return negated(toItem(condition.not));
  return condition;
}

const OPPOSITE: Record<Kind, Kind> = { all: 'notAll', notAll: 'all', any: 'none', none: 'any' };

function negated(item: Item): Group {
  return isGroup(item) ? { ...item, kind: OPPOSITE[item.kind] } : { kind: 'none', items: [item] };
}

export function toWhere(group: Group): Where {
  if (group.items.length === 0) return null;
  return group.kind === 'all' ? group.items.map(toCondition) : toCondition(group);
}

function toCondition(item: Item): Condition {
  if (!isGroup(item)) return item;
  const items = item.items.map(toCondition);
  switch (item.kind) {
    case 'all':
      return { all: items };
    case 'any':
      return { any: items };
    case 'none':
      return { not: { any: items } };
    case 'notAll':
      return { not: { all: items } };
  }
}

/** What the value of an operator is. */
export type ValueKind =
  | 'nothing'
  | 'scalar'
  | 'text'
  | 'number'
  | 'range'
  | 'list'
  | 'date'
  | 'duration'
  | 'period';

export const OPERATORS: ReadonlyArray<{
  family: 'any' | 'text' | 'number' | 'boolean' | 'date' | 'list';
  ops: readonly Op[];
}> = [
  { family: 'any', ops: ['equal', 'not_equal', 'in', 'not_in', 'exists', 'not_exists'] },
  { family: 'number', ops: ['greater', 'greater_or_equal', 'less', 'less_or_equal', 'between'] },
  { family: 'text', ops: ['contains', 'not_contains', 'starts_with', 'ends_with', 'regex'] },
  { family: 'boolean', ops: ['is_true', 'is_false'] },
  { family: 'date', ops: ['before', 'after', 'on', 'within_last', 'within_next', 'in_current'] },
  { family: 'list', ops: ['contains_any', 'contains_all', 'is_empty'] },
];

const VALUES: Record<Op, ValueKind> = {
  equal: 'scalar',
  not_equal: 'scalar',
  contains: 'scalar',
  not_contains: 'scalar',
  starts_with: 'text',
  ends_with: 'text',
  regex: 'text',
  less: 'number',
  less_or_equal: 'number',
  greater: 'number',
  greater_or_equal: 'number',
  between: 'range',
  in: 'list',
  not_in: 'list',
  contains_any: 'list',
  contains_all: 'list',
  before: 'date',
  after: 'date',
  on: 'date',
  within_last: 'duration',
  within_next: 'duration',
  in_current: 'period',
  exists: 'nothing',
  not_exists: 'nothing',
  is_true: 'nothing',
  is_false: 'nothing',
  is_empty: 'nothing',
};
export const valueKind = (op: Op): ValueKind => VALUES[op];

const TEXTUAL: ReadonlySet<Op> = new Set([
  'equal',
  'not_equal',
  'in',
  'not_in',
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'regex',
]);
/** Whether letter case can matter. */
export const hasCase = (test: Test): boolean =>
  TEXTUAL.has(test.op) && (Array.isArray(test.value) ? test.value.some(isText) : isText(test.value));
const isText = (value: unknown): boolean => typeof value === 'string';

const FIRST_VALUES: Record<ValueKind, unknown> = {
  nothing: null,
  scalar: '',
  text: '',
  number: '',
  range: ['', ''],
  list: [],
  date: '',
  duration: { value: 1, unit: 'day' },
  period: 'day',
};

/** The test with another operator; its value stays if the new operator can use it. */
export function withOp(test: Test, op: Op): Test {
  const [before, after] = [valueKind(test.op), valueKind(op)];
  const keeps =
    before === after ||
    (after === 'scalar' && (before === 'text' || before === 'number')) ||
    (before === 'scalar' &&
      ((after === 'text' && isText(test.value)) || (after === 'number' && typeof test.value === 'number')));
  const { ignore_case: ignoreCase, ...rest } = test;
  const next: Test = { ...rest, op, value: keeps ? test.value : FIRST_VALUES[after] };
  return ignoreCase && hasCase(next) ? { ...next, ignore_case: true } : next;
}

/** A number if the text is one; else the text, which may be an insert or not be finished. */
export function numberOrText(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

/** "value ≥ 20 and tier is one of gold, silver". Empty for no condition. */
export function conditionText(where: Where): string {
  return groupText(toGroup(where));
}

function groupText(group: Group): string {
  const parts = group.items.map((item) =>
    isGroup(item)
      ? item.kind === 'none' || item.kind === 'notAll'
        ? groupText(item)
        : t('condition.parens', { text: groupText(item) })
      : testText(item),
  );
  const joined = parts.join(
    group.kind === 'all' || group.kind === 'notAll' ? t('condition.and') : t('condition.or'),
  );
  if (joined === '') return '';
  return group.kind === 'none' || group.kind === 'notAll' ? t('condition.not', { text: joined }) : joined;
}

function testText(test: Test): string {
  const subject = test.param ?? test.attribute ?? '';
  const op = tOr(`op.short.${test.op}`, t(`op.${test.op}`));
  return [subject, op, valueText(test)].filter((part) => part !== '').join(' ');
}

function valueText({ op, value }: Test): string {
  switch (valueKind(op)) {
    case 'nothing':
      return '';
    case 'duration':
      return isDuration(value) ? duration(value) : '';
    case 'period':
      return tOr(`condition.period.${String(value)}`, String(value));
    case 'range':
      return Array.isArray(value) ? value.map(scalarText).join(t('condition.and')) : scalarText(value);
    default:
      return Array.isArray(value) ? value.map(scalarText).join(', ') : scalarText(value);
  }
}

function scalarText(value: unknown): string {
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return t(value ? 'condition.true' : 'condition.false');
  return value === null || value === undefined ? '' : String(value);
}

const isDuration = (value: unknown): value is { value: number; unit: Unit } =>
  typeof value === 'object' && value !== null && 'value' in value && 'unit' in value;
