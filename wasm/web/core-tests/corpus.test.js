// Knows every case in `tests/cases`: the browser module answers it as the native core does, as
// WebAssembly and as plain JavaScript, by objects and by text.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CORPUS, FORMS, PAGES, cases, isExact, parse, start } from './modules.js';

const all = cases();
/** Those whose numbers a value of JavaScript can hold. */
const exact = all.filter(({ input, expected }) => isExact(input) && isExact(expected));

/** Asks `answer` for each case; gathers all failures before it fails. */
function check(cases, answer) {
  const failures = [];
  for (const one of cases) {
    try {
      const [given, expected] = answer(one);
      assert.deepStrictEqual(given, expected);
    } catch (error) {
      failures.push(`${one.name}: ${error.message}`);
    }
  }
  assert.equal(failures.length, 0, `${failures.length} fail\n${failures.slice(0, 20).join('\n')}`);
}

test("the corpus is there, and nearly all of it fits into JavaScript's numbers", () => {
  assert.ok(all.length > 530, `${all.length}`);
  assert.ok(exact.length > all.length - 20, `${all.length - exact.length} are not exact`);
});

for (const form of FORMS) {
  test(`${form}: every case by text has its answer`, async () => {
    const core = await start(CORPUS, form);
    check(all, ({ verb, text, inputText }) => [
      parse(core.run(verb, inputText)),
      parse(text).expected,
    ]);
  });

  test(`${form}: every case of a page's verb by objects has its answer`, async () => {
    const core = await start(PAGES, form);
    const ofPages = exact.filter(({ verb }) => verb in core);
    const verbs = new Set(ofPages.map(({ verb }) => verb));
    assert.deepStrictEqual([...verbs].sort(), [
      'canonical_event',
      'expiry_choices',
      'inspect_secret',
      'judge_draft',
      'open_checkpoint',
      'preview_policy',
      'token_status',
      'verify_consistency',
      'verify_inclusion',
    ]);
    check(ofPages, ({ verb, input, expected }) => [core[verb](input), expected]);
  });
}
