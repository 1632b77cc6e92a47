/** What the address of a journey says. */
export interface JourneySearch {
  /** Selected node. */
  node?: string;
  /** Tab of its panel. */
  tab?: 'settings' | 'statistics' | 'tracking';
  /** Numbers on the nodes. */
  analytics?: boolean;
  /** As a list in place of the drawing. */
  outline?: boolean;
}

const TABS: readonly unknown[] = ['settings', 'statistics', 'tracking'];

export function journeySearch(search: Record<string, unknown>): JourneySearch {
  return {
    ...(typeof search.node === 'string' ? { node: search.node } : {}),
    ...(TABS.includes(search.tab) ? { tab: search.tab as JourneySearch['tab'] } : {}),
    ...(search.analytics === true ? { analytics: true } : {}),
    ...(search.outline === true ? { outline: true } : {}),
  };
}
