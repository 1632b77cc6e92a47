/**
 * The one catalogue of visible texts. A key is `section.name`; `{name}` is filled in; a text with a `{count}` may have a
 * plural form for each category that `Intl.PluralRules` knows.
 */
import { locale } from './locale';
import { analytics } from './messages/analytics';
import type { calendar } from './messages/calendar';
import { canvas } from './messages/canvas';
import { card } from './messages/card';
import { common } from './messages/common';
import { conditions } from './messages/conditions';
import type { effects } from './messages/effects';
import { form } from './messages/form';
import { journeys } from './messages/journeys';
import { profiles } from './messages/profiles';
import type { questions } from './messages/questions';
import type { settings } from './messages/settings';
import { shell } from './messages/shell';

const always = {
  ...common,
  ...shell,
  ...journeys,
  ...canvas,
  ...conditions,
  ...form,
  ...profiles,
  ...card,
  ...analytics,
} as const;

/** Texts that come with their page, when it is opened. */
type Catalogue = typeof always & typeof effects & typeof calendar & typeof questions & typeof settings;
export type MessageKey = keyof Catalogue;

type Text<K extends MessageKey> = Catalogue[K] extends { other: infer T } ? T : Catalogue[K];
type Names<S> = S extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;
type Args<K extends MessageKey> = [Names<Text<K>>] extends [never]
  ? []
  : [values: Record<Names<Text<K>>, string | number>];

const catalogue = { ...always } as Catalogue;

/** Add a page's own texts: its module does so before anything of it is drawn. */
export function learn(texts: Partial<Catalogue>): void {
  Object.assign(catalogue, texts);
}

const numbers = new Intl.NumberFormat(locale);
const plurals = new Intl.PluralRules('en');

/** The text of a key, with its values filled in; numbers are written by locale. */
export function t<K extends MessageKey>(key: K, ...args: Args<K>): string {
  return fill(catalogue[key], args[0] as Values | undefined);
}

/** Whether there is a text for a key made at run time, as from a code that the server sent. */
export function isMessage(key: string): key is MessageKey {
  return key in catalogue;
}

/** The text for a key made at run time, or `fallback` when the catalogue has none. */
export function tOr(key: string, fallback: string): string {
  return isMessage(key) ? fill(catalogue[key], undefined) : fallback;
}

type Values = Readonly<Record<string, string | number>>;
type Message = string | { readonly one?: string; readonly other: string };

function fill(message: Message, values: Values | undefined): string {
  const text = typeof message === 'string' ? message : choose(message, Number(values?.count));
  return values === undefined ? text : text.replace(/\{(\w+)\}/g, (_, name: string) => written(values[name]));
}

function choose(message: { readonly one?: string; readonly other: string }, count: number): string {
  return (plurals.select(count) === 'one' && message.one) || message.other;
}

function written(value: string | number | undefined): string {
  return typeof value === 'number' ? numbers.format(value) : (value ?? '');
}
