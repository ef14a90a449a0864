// Knows that the browser module answers random cases as the native core does, byte for byte, in both
// forms. `CASES` and `SEED` of the environment say how many and which; `cargo xtask test fuzz` asks
// for more.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { CORPUS, ROOT, start } from './modules.js';

const N_CASES = Number(process.env.CASES ?? 20_000);
const SEED = process.env.SEED ?? '1';
const WRITER = join(ROOT, 'target/release/exportgate-cases');

/** What the module says, in the form of the native core's line. */
function ask(core, { verb, input }) {
  try {
    return { answer: core.run(verb, input) };
  } catch (error) {
    return { error: error.message };
  }
}

/** Asks for every case; counts answers, refusals and differences, of which it keeps the first. */
async function compare(core, nCases) {
  const writer = spawn(WRITER, [SEED, String(nCases)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const counts = { answers: 0, errors: 0, differences: 0, first: [] };
  for await (const line of createInterface({ input: writer.stdout })) {
    const expected = JSON.parse(line);
    const given = ask(core, expected);
    if (given.answer === undefined) counts.errors++;
    else counts.answers++;
    if (given.answer === expected.answer && given.error === expected.error) continue;
    counts.differences++;
    if (counts.first.length < 10) counts.first.push({ ...expected, given });
  }
  return counts;
}

for (const [form, share] of [
  ['wasm', 1],
  // Plain JavaScript takes many times as long.
  ['wasm2js', 10],
]) {
  test(`${form}: random cases have the native core's answers`, async (t) => {
    const core = await start(CORPUS, form);
    const nCases = Math.ceil(N_CASES / share);
    const { answers, errors, differences, first } = await compare(core, nCases);
    assert.equal(answers + errors, nCases);
    assert.ok(answers > nCases / 2, `only ${answers} of ${nCases} were answered`);
    assert.equal(differences, 0, JSON.stringify(first, null, 1));
    t.diagnostic(`${form}: ${nCases} cases, ${errors} refused, ${differences} differences`);
  });

  test(`${form}: a module that answers once otherwise is seen`, async () => {
    const core = await start(CORPUS, form);
    let n = 0;
    const wrong = (verb, input) => {
      const answer = core.run(verb, input);
      return ++n === 100 ? `${answer} ` : answer;
    };
    assert.equal((await compare({ run: wrong }, 500)).differences, 1);
  });
}
