// `c/tokenText` in Node: the texts of the custom labels themselves, as an English user sees them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const LABELS = join(__dirname, '../main/default/labels/CustomLabels.labels-meta.xml');
const LABEL = /<shortDescription>(.*?)<\/shortDescription>\s*<value>(.*?)<\/value>/gs;
const MARKS = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

const entries = [...readFileSync(LABELS, 'utf8').matchAll(LABEL)];

export const words = Object.fromEntries(
  entries.map(([, name, text]) => [name, text.replace(/&\w+;/g, (mark) => MARKS[mark])]),
);

export const text = Object.fromEntries(
  Object.entries(words).map(([name, shown]) => [name.replaceAll('.', '_'), shown]),
);
