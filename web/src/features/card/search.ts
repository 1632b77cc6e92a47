/** What the address of a card says. */
export type CardSearch = Record<string, never>;

export function cardSearch(_search: Record<string, unknown>): CardSearch {
  return {};
}
