// Both catalogues have the same texts with the same values, and every text is used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(`../shared/text/${language}.json`, 'utf8'));
const [en, de] = [read('en'), read('de')];

test('English and German have the same texts', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
});

test('each text takes the same values in both', () => {
  const values = (text = '') => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const key of Object.keys(en)) expect(values(de[key]), key).toEqual(values(en[key]));
});

const PAGE = ['src', '../shared/src'];
const LIGHTNING = ['../salesforce/force-app/main/default/lwc', '../shared/src'];
/** Written by `cargo xtask salesforce`, and one of them knows every text. */
const MADE_FILES = /(^|\/)(__tests__|tokenShared|tokenText)\//;
/** Names that are made of codes at run time. */
const MADE_NAMES =
  /^(error|mistake|kind|event|role|cause|reason|actor|status|nav|mark|page\.failed|verify\.signature|policy\.maximum_\w+)\./;

/** All that is written in these folders. */
const sourceOf = (folders: string[]): string =>
  folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|js|html)$/.test(name) && !MADE_FILES.test(name))
        .map((name) => readFileSync(join(folder, name), 'utf8')),
    )
    .join('\n');

test('no text is forgotten in the catalogue', () => {
  const [page, lightning] = [sourceOf(PAGE), sourceOf(LIGHTNING)];
  const onPage = (name: string) => page.includes(`'${name}'`);
  // The component's templates say `text.tokens_find`.
  const inLightning = (name: string) =>
    lightning.includes(`'${name}'`) ||
    new RegExp(`\\btext\\.${name.replaceAll('.', '_')}\\b`).test(lightning);
  const forgotten = Object.keys(en)
    .map((key) => key.replace(/\.(one|other)$/, ''))
    .filter((key) => {
      const name = key.replace(/^lightning\./, '');
      if (MADE_NAMES.test(`${name}.`)) return false;
      if (key.startsWith('page.')) return !onPage(name);
      return !inLightning(name) && (key !== name || !onPage(name));
    });
  expect(forgotten).toEqual([]);
});
