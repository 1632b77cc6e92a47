/** What outlets are called: by our words, or as people named them; and which setting of a node names them. Knows no node type. */
import { tOr } from '../app/messages';
import type { Schema } from '../ui/form/schema';

export const outletName = (outlet: string): string => tOr(`outlet.${outlet}`, outlet);

/** The list in the settings that names the outlets: the one whose default is what the type's outlets are by default. */
export function namingSetting(settings: Schema, ofType: readonly string[]): string | undefined {
  const wanted = ofType.join('\n');
  return Object.entries(settings.properties ?? {}).find(
    ([, property]) => ofType.length > 0 && namesIn(property.default).join('\n') === wanted,
  )?.[0];
}

/** The names in a list of texts, or of things that have one. */
export function namesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  const names = list.map((item: unknown) =>
    typeof item === 'object' && item !== null && 'name' in item ? item.name : item,
  );
  return names.every((name) => typeof name === 'string') ? [...new Set(names)] : [];
}
