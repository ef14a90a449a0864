// Runs the real scripts of the static resources, as the page's loader does.
//
// `load.refuse(/wasm/)` makes addresses that match fail, `load.reset()` forgets everything.
import { existsSync, readFileSync } from 'fs';
import { join } from 'path';

const FOLDER = join(__dirname, '../../../main/default/staticresources');
const loaded = new Map();
let refused;

export const loadScript = jest.fn((component, address) => {
  if (!loaded.has(address)) loaded.set(address, run(address));
  return loaded.get(address);
});

export const loadStyle = jest.fn(() => Promise.resolve());

export const load = {
  refuse(pattern) {
    refused = pattern;
  },
  reset() {
    refused = undefined;
    loaded.clear();
    loadScript.mockClear();
    delete globalThis.exportgateCore;
  },
};

async function run(address) {
  if (refused?.test(address)) throw new Error(`${address} is not to be had`);
  const file = join(FOLDER, address.split('?')[0]);
  if (!existsSync(file)) throw new Error(`there is no ${file}; make it with: npm run build:core`);
  // A script of a page sees the page's globals, and so does an indirect eval.
  // eslint-disable-next-line no-eval
  (0, eval)(readFileSync(file, 'utf8'));
}
