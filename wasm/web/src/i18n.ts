// Knows the words: one catalogue per language, chosen by the browser, loaded alone.
import type en from './i18n/en.json';

/** The name of a text. English has them all; a test holds German to the same set. */
export type Key = keyof typeof en;
type Values = Record<string, string | number>;
type Plural<K> = K extends `${infer Name}.other` ? Name : never;
export type PluralKey = Plural<Key>;

let words: Record<string, string> = {};
let plurals = new Intl.PluralRules('en');

/** The language of the texts: German for whom it comes first, else English. */
export const language: 'de' | 'en' = chosen(navigator.languages);

function chosen(wished: readonly string[]): 'de' | 'en' {
  for (const tag of wished) {
    const base = tag.toLowerCase().split('-')[0];
    if (base === 'de' || base === 'en') return base;
  }
  return 'en';
}

/** Loads the texts. Nothing is shown before. */
export async function loadWords(): Promise<void> {
  const catalogue =
    language === 'de' ? await import('./i18n/de.json') : await import('./i18n/en.json');
  words = catalogue.default;
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
}

/** The text with its values, as in `{n}`. Values are text: lit shows them as text. */
export function t(key: Key, values: Values = {}): string {
  return fill(words[key] ?? key, values);
}

/** The text for so many: `key.one` or `key.other`, with `{n}` written as the language does. */
export function tn(key: PluralKey, n: number, values: Values = {}): string {
  const form = `${key}.${plurals.select(n)}`;
  const text = words[form] ?? words[`${key}.other`] ?? key;
  return fill(text, { n: n.toLocaleString(language), ...values });
}

/** Whether there is a text of this name, for names that are made of the host's codes. */
export function known(key: string): key is Key {
  return key in words;
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
