/** Names that were seen and can be suggested in a condition; any other may be typed. */
import { createContext } from 'react';
import type { KnownName } from '../catalogue';

export interface Known {
  param?: readonly KnownName[];
  attribute?: readonly KnownName[];
}

export const KnownNames = createContext<Known>({});

/** What a test begins with for a name: of its type, where all values that were seen are of one. */
export function firstValue(name: string, known: readonly KnownName[]): unknown {
  const types = known.find((one) => one.name === name)?.types ?? [];
  if (types.length !== 1) return '';
  if (types[0] === 'number') return 0;
  return types[0] === 'boolean' ? true : '';
}

/** Texts that were seen under a name. */
export function textSamples(name: string, known: readonly KnownName[]): string[] {
  const samples = known.find((one) => one.name === name)?.samples ?? [];
  return samples.filter((sample) => typeof sample === 'string');
}
