// Knows what the module makes of values that are none of its documents: an error, and never an
// answer to another question.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CORPUS, FORMS, PAGES, start } from './modules.js';

const NOW = '2027-03-31T12:00:00Z';
const policy = {
  maximum_expiry_days: 30,
  automatic_expiration: false,
  maximum_active_tokens: 25,
};
const draft = { label: 'Power BI' };
const good = { draft, policy, n_active: 0, now: NOW };

const BAD = {
  'a setting that is undefined': { ...good, policy: { ...policy, maximum_expiry_days: undefined } },
  'a setting that is no number': { ...good, policy: { ...policy, maximum_expiry_days: NaN } },
  'a setting without end': { ...good, policy: { ...policy, maximum_expiry_days: Infinity } },
  'a setting between two numbers': { ...good, policy: { ...policy, maximum_expiry_days: 1.5 } },
  'a setting out of range': { ...good, policy: { ...policy, maximum_expiry_days: 3651 } },
  'a number of tokens below none': { ...good, n_active: -1 },
  'a misspelt field': { ...good, draft: { label: 'Power BI', expires: '2027-04-15' } },
  'a missing field': { draft, policy, n_active: 0 },
  'a number as a label': { ...good, draft: { label: 7 } },
  'an object as a label': { ...good, draft: { label: { toString: () => 'Power BI' } } },
  'a truth as text': { ...good, policy: { ...policy, automatic_expiration: 'false' } },
  'a date of JavaScript': { ...good, now: new Date() },
  'an instant that does not exist': { ...good, now: '2027-02-30T00:00:00Z' },
  'a big integer': { ...good, n_active: 0n },
  'a map': new Map(Object.entries(good)),
  'a list': [draft, policy, 0, NOW],
  'a function': () => good,
  nothing: undefined,
  null: null,
  text: JSON.stringify(good),
};

for (const form of FORMS) {
  test(`${form}: what is no document throws, and the next call works`, async () => {
    const core = await start(PAGES, form);
    for (const [name, input] of Object.entries(BAD)) {
      assert.throws(() => core.judge_draft(input), Error, name);
      assert.ok(core.judge_draft(good).accepted, `after ${name}`);
    }
  });

  test(`${form}: an undefined field is one that is not there`, async () => {
    const core = await start(PAGES, form);
    const input = { ...good, draft: { label: 'Power BI', expires_on: undefined } };
    assert.deepStrictEqual(core.judge_draft(input), core.judge_draft(good));
    assert.throws(() => core.judge_draft({ ...good, draft: { label: undefined } }), Error);
  });

  test(`${form}: a list with a hole is no list of tokens`, async () => {
    const core = await start(PAGES, form);
    const token = { created_at: NOW, expires_at: null, revoked_at: null };
    // oxlint-disable-next-line no-sparse-arrays -- The hole is what is tested.
    assert.throws(() => core.token_status({ tokens: [token, , token], now: NOW }), Error);
  });

  test(`${form}: a verb that does not exist throws`, async () => {
    const core = await start(CORPUS, form);
    assert.throws(() => core.run('create_coffee', '{}'), /there is no such verb/);
    assert.throws(() => core.run('judge_draft', '{'), Error);
  });

  test(`${form}: ten thousand calls leave nothing behind`, async () => {
    const core = await start(PAGES, form);
    const round = () => {
      core.judge_draft(good);
      assert.throws(() => core.judge_draft(BAD['a misspelt field']));
    };
    for (let n = 0; n < 1_000; n++) round();
    const settled = core.exports.memory.buffer.byteLength;
    for (let n = 0; n < 4_000; n++) round();
    assert.equal(core.exports.memory.buffer.byteLength, settled);
  });
}
