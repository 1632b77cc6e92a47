/** What the address of a question says: the whole question. */
export type AnalyticsSearch = Record<string, never>;

export function analyticsSearch(_search: Record<string, unknown>): AnalyticsSearch {
  return {};
}
