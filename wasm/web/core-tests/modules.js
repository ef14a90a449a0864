// Knows where the browser modules and the corpus are, and how each form is started.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What ships. */
export const PAGES = join(ROOT, 'target/browser');
/** The same with every verb, for the corpus. */
export const CORPUS = join(ROOT, 'target/browser/corpus');
export const FORMS = ['wasm', 'wasm2js'];

/** Starts a module. Its own exports, the memory for one, are in `exports`. */
export async function start(folder, form) {
  if (form === 'wasm2js') {
    const core = await import(join(folder, 'fallback/exportgate_core.js'));
    return { ...core, exports: core.initSync() };
  }
  const core = await import(join(folder, 'exportgate_core.js'));
  const module = readFileSync(join(folder, 'exportgate_core_bg.wasm'));
  return { ...core, exports: core.initSync({ module }) };
}

/** Every case of the corpus: its verb, name, text of the input, input and expected answer. */
export function cases() {
  const folder = join(ROOT, 'tests/cases');
  return readdirSync(folder).flatMap((verb) =>
    readdirSync(join(folder, verb))
      .filter((name) => name.endsWith('.json'))
      .map((name) => {
        const text = readFileSync(join(folder, verb, name), 'utf8');
        const start = text.indexOf('"input":') + '"input":'.length;
        const inputText = text.slice(start, text.lastIndexOf(',', text.lastIndexOf('"expected":')));
        return { verb, name: `${verb}/${name}`, text, inputText, ...JSON.parse(text) };
      }),
  );
}

/** Reads JSON with its long numbers as text, since JavaScript's numbers do not hold them. */
export function parse(text) {
  const stringOrLongNumber = /"(?:[^"\\]|\\.)*"|-?\d{16,}[\d.eE+-]*/g;
  return JSON.parse(
    text.replace(stringOrLongNumber, (found) => (found.startsWith('"') ? found : `"${found}"`)),
  );
}

/** Whether JavaScript's numbers hold everything in a document. */
export function isExact(value) {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  return value === null || typeof value !== 'object' || Object.values(value).every(isExact);
}
