/** What the address of the profiles list says. */
export interface ProfilesSearch {
  /** Show in CRM: those who arrived at this node of this journey. */
  journey?: string;
  node?: string;
}

export function profilesSearch(search: Record<string, unknown>): ProfilesSearch {
  const { journey, node } = search;
  return typeof journey === 'string' && typeof node === 'string' ? { journey, node } : {};
}
