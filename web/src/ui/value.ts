/** JSON values as text for people, and as they go into a table for programs. Pure. */
import { number } from '../app/format';
import { t } from '../app/messages';
import type { Cell } from './csv';

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return t('common.noValue');
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  return JSON.stringify(value);
}

export function valueCell(value: unknown): Cell {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : (value as Cell);
}
