/** The page's colours for the chart, read again when the scheme changes. */
import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import { type Colours, readColours } from './charts';

export function useColours(): Colours {
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the page's colours follow from the scheme
  return useMemo(readColours, [scheme]);
}
