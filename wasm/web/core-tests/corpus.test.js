// Knows every case in `tests/cases`: the browser module answers it as the native core does, as
// WebAssembly and as plain JavaScript, by objects and by text. `tests/corpus.spec.ts` asks the same
// in Chromium.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { all, checkObjects, checkTexts, exact, ofPages } from './corpus.js';
import { CORPUS, FORMS, PAGES, start } from './modules.js';

test("the corpus is there, and nearly all of it fits into JavaScript's numbers", () => {
  assert.ok(all.length > 530, `${all.length}`);
  assert.ok(exact.length > all.length - 20, `${all.length - exact.length} are not exact`);
});

for (const form of FORMS) {
  test(`${form}: every case by text has its answer`, async () => {
    const core = await start(CORPUS, form);
    checkTexts(all, ({ verb, inputText }) => core.run(verb, inputText));
  });

  test(`${form}: every case of a page's verb by objects has its answer`, async () => {
    const core = await start(PAGES, form);
    const cases = ofPages((verb) => verb in core);
    checkObjects(cases, ({ verb, input }) => core[verb](input));
  });
}
