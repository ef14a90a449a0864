// Both catalogues have the same texts with the same values, and every text is used.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';

const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(`src/i18n/${language}.json`, 'utf8'));
const [en, de] = [read('en'), read('de')];

test('English and German have the same texts', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
});

test('each text takes the same values in both', () => {
  const values = (text = '') => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const key of Object.keys(en)) expect(values(de[key]), key).toEqual(values(en[key]));
});

test('no text is forgotten in the catalogue', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const source = files.map((name) => readFileSync(`src/${name}`, 'utf8')).join('\n');
  // Made of codes at run time.
  const made =
    /^(error|mistake|kind|event|role|cause|reason|actor|status|nav|mark|verify\.signature|policy\.maximum_\w+)\./;
  for (const key of Object.keys(en)) {
    const name = key.replace(/\.(one|other)$/, '');
    if (!made.test(`${name}.`)) expect(source.includes(`'${name}'`), name).toBe(true);
  }
});
