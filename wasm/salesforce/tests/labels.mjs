// Reads custom labels and their translations as the metadata files have them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function text(xml) {
  return xml.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16));
    return decimal ? String.fromCodePoint(Number(decimal)) : (ENTITIES[name] ?? all);
  });
}

/** Key and value of each block of that name. */
function pairs(file, block, key, value) {
  const xml = readFileSync(file, 'utf8');
  const found = new Map();
  for (const [, inner] of xml.matchAll(new RegExp(`<${block}>([^]*?)</${block}>`, 'g'))) {
    const of = (tag) => new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(inner)?.[1] ?? '';
    found.set(of(key), text(of(value)));
  }
  return found;
}

const read = new Map();

/** A label in every language; the build fails if one of them lacks it. */
export function labels(source, name) {
  if (!read.has(source)) {
    read.set(source, {
      en: pairs(join(source, 'labels/CustomLabels.labels-meta.xml'), 'labels', 'fullName', 'value'),
      de: pairs(
        join(source, 'translations/de.translation-meta.xml'),
        'customLabels',
        'name',
        'label',
      ),
    });
  }
  const found = {};
  for (const [language, all] of Object.entries(read.get(source))) {
    if (!all.get(name)) throw new Error(`the label ${name} is missing in ${language}`);
    found[language] = all.get(name);
  }
  return found;
}
