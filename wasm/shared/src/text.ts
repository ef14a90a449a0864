// Knows the words: one catalogue per language, given by whoever starts the face.
import type en from 'exportgate-text/en.json';

/** The name of a text. English has them all; a test holds German to the same set. */
export type Key = keyof typeof en;
type Values = Record<string, string | number>;
type Plural<K> = K extends `${infer Name}.other` ? Name : never;
export type PluralKey = Plural<Key>;

/** The languages that there are texts in. */
export type Language = 'de' | 'en';

let words: Record<string, string> = {};
let spoken: Language = 'en';
let plurals = new Intl.PluralRules(spoken);

/** The language of the texts: German for whom it comes before English, else English. */
export function languageFor(wished: readonly string[]): Language {
  for (const tag of wished) {
    const base = tag.toLowerCase().split(/[-_]/)[0];
    if (base === 'de' || base === 'en') return base;
  }
  return 'en';
}

/** Takes the texts. Nothing can be said before. */
export function useText(catalogue: Record<string, string>, language: Language): void {
  words = catalogue;
  spoken = language;
  plurals = new Intl.PluralRules(language);
}

/** The language that is spoken now. */
export const language = (): Language => spoken;

/** The text with its values, as in `{n}`. Values are text, whatever is in them. */
export function t(key: Key, values: Values = {}): string {
  return fill(words[key] ?? key, values);
}

/** The text for so many: `key.one` or `key.other`, with `{n}` written as the language does. */
export function tn(key: PluralKey, n: number, values: Values = {}): string {
  const form = `${key}.${plurals.select(n)}`;
  const text = words[form] ?? words[`${key}.other`] ?? key;
  return fill(text, { n: n.toLocaleString(spoken), ...values });
}

/** Whether there is a text of this name, for names that are made of the host's codes. */
export function known(key: string): key is Key {
  return key in words;
}

/** The text of a code in an area, or the code itself where there is none. */
export function word(area: string, code: string): string {
  const key = `${area}.${code}`;
  return known(key) ? t(key) : code;
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
