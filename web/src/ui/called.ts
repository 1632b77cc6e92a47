/** What a profile is called where there is room for one line. Pure. */
import { t } from '../app/messages';

export interface Named {
  profile: number;
  name: string | null;
  identifiers: ReadonlyArray<{ kind: string; value: string }>;
}

const RANK = ['email', 'custom_id', 'phone', 'uuid'];

/** Its name, else the identifier that says most to people, else its key. */
export function calledBy(who: Named): string {
  if (who.name !== null && who.name !== '') return who.name;
  for (const kind of RANK) {
    const found = who.identifiers.find((one) => one.kind === kind);
    if (found !== undefined) return found.value;
  }
  return t('profiles.unnamed', { key: String(who.profile) });
}

/** Up to two first letters, whatever a letter is in the script. */
export function initials(called: string): string {
  const words = called
    .split(/\s+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}]+/u, ''));
  const letters = words
    .filter((word) => word !== '')
    .map((word) => [...segments.segment(word)][0]?.segment ?? '');
  const [first = '', ...rest] = letters;
  return `${first}${rest.at(-1) ?? ''}`.toLocaleUpperCase();
}

const segments = new Intl.Segmenter();
