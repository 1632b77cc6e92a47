/** What the address of the profiles list says. */
export interface ProfilesSearch {
  /** Show in CRM: those who arrived at this node of this journey. */
  journey?: string;
  node?: string;
  /** An identifier, or the begin of a name. */
  search?: string;
  /** Key after which the page begins, and which page it is. */
  after?: number;
  page?: number;
  columns?: string[];
}

export function profilesSearch(search: Record<string, unknown>): ProfilesSearch {
  const { journey, node, after, page, columns } = search;
  const text = typeof search.search === 'number' ? String(search.search) : search.search;
  const found: ProfilesSearch = {};
  if (typeof journey === 'string' && typeof node === 'string') Object.assign(found, { journey, node });
  else if (typeof text === 'string' && text !== '') found.search = text;
  if (isCount(after) && isCount(page) && page > 1) Object.assign(found, { after, page });
  if (Array.isArray(columns) && columns.every((one) => typeof one === 'string')) found.columns = columns;
  return found;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
