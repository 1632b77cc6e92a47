/** Which columns the list can have, and what each says of a profile: the same on the page and in the file (D-2.7). */
import { date, dateTime, number } from '../../app/format';
import { t } from '../../app/messages';
import { calledBy, type Named } from '../../ui/called';
import type { Cell } from '../../ui/csv';
import { valueCell, valueText } from '../../ui/value';

/** A profile as any of the lists gives it. */
export interface Row extends Named {
  attributes?: Record<string, unknown>;
  tags?: string[];
  created?: string;
  arrivals?: number;
  first?: string;
  last?: string;
}

export interface Column {
  id: string;
  label: string;
  isNumber?: boolean;
  /** As people read it. */
  text: (row: Row) => string;
  /** As it goes into the file. */
  cell: (row: Row) => Cell;
}

export const KINDS = ['email', 'custom_id', 'phone', 'uuid'] as const;
export const ALWAYS = ['email', 'custom_id', 'tags', 'created'];
const ATTRIBUTE = 'attribute.';
export const attributeColumn = (name: string): string => `${ATTRIBUTE}${name}`;

const identifiers = (row: Row, kind: string): string =>
  row.identifiers
    .filter((one) => one.kind === kind)
    .map((one) => one.value)
    .join(', ');

function moment(id: 'created' | 'first' | 'last', write: (at: string) => string): Column {
  return {
    id,
    label: t(`profiles.column.${id}`),
    text: (row) => (row[id] === undefined ? '' : write(row[id])),
    cell: (row) => row[id],
  };
}

const KNOWN: readonly Column[] = [
  ...KINDS.map((kind) => ({
    id: kind,
    label: t(`profiles.kind.${kind}`),
    text: (row: Row) => identifiers(row, kind),
    cell: (row: Row) => identifiers(row, kind),
  })),
  {
    id: 'tags',
    label: t('profiles.column.tags'),
    text: (row) => row.tags?.join(', ') ?? '',
    cell: (row) => row.tags?.join(', '),
  },
  moment('created', date),
  {
    id: 'arrivals',
    label: t('profiles.column.arrivals'),
    isNumber: true,
    text: (row) => number(row.arrivals ?? 0),
    cell: (row) => row.arrivals,
  },
  moment('first', dateTime),
  moment('last', dateTime),
];
const BY_ID = new Map(KNOWN.map((column) => [column.id, column]));

export const NAME: Column = {
  id: 'name',
  label: t('profiles.column.profile'),
  text: calledBy,
  cell: (row) => row.name ?? '',
};

/** The columns of these ids; what is not known is left out. */
export function columnsOf(ids: readonly string[]): Column[] {
  return ids.flatMap((id) => {
    const known = BY_ID.get(id);
    if (known !== undefined) return [known];
    if (!id.startsWith(ATTRIBUTE)) return [];
    const name = id.slice(ATTRIBUTE.length);
    const read = (row: Row) => inside(row.attributes, name);
    return [
      { id, label: name, text: (row: Row) => written(read(row)), cell: (row: Row) => valueCell(read(row)) },
    ];
  });
}

const written = (value: unknown): string => (value === undefined || value === null ? '' : valueText(value));

/** The value at a dotted name. A key that is itself written with dots is the same name. */
function inside(values: Record<string, unknown> | undefined, name: string): unknown {
  if (values === undefined) return undefined;
  if (Object.hasOwn(values, name)) return values[name];
  const [first = '', ...rest] = name.split('.');
  const next = Object.hasOwn(values, first) ? values[first] : undefined;
  if (rest.length === 0 || typeof next !== 'object' || next === null) return undefined;
  return inside(next as Record<string, unknown>, rest.join('.'));
}

/** The list as a table for a file: the profile's key and exactly the columns shown. */
export function table(columns: readonly Column[], rows: readonly Row[]): Cell[][] {
  const shown = [NAME, ...columns];
  return [
    ['profile', ...shown.map((column) => column.label)],
    ...rows.map((row) => [row.profile, ...shown.map((column) => column.cell(row))]),
  ];
}
