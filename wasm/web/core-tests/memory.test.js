// Knows that a memory that grew gives right answers. wasm2js leaves the old buffer as it was, and
// glue that does not notice reads garbage from it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FORMS, PAGES, cases, isExact, start } from './modules.js';

const NOW = '2027-03-31T12:00:00Z';
const policy = {
  maximum_expiry_days: 30,
  automatic_expiration: false,
  maximum_active_tokens: 25,
};

for (const form of FORMS) {
  test(`${form}: answers stay right while the memory grows`, async () => {
    const core = await start(PAGES, form);
    const size = () => core.exports.memory.buffer.byteLength;
    const judged = (label) => core.judge_draft({ draft: { label }, policy, n_active: 0, now: NOW });
    const check = () =>
      assert.deepStrictEqual(judged(' Übersicht 😀 '), {
        accepted: {
          label: 'Übersicht 😀',
          expires_at: null,
          latest_allowed: '2027-05-01T00:00:00Z',
        },
      });
    check();

    // The text itself makes the memory grow, in the middle of being handed over.
    for (const megabytes of [2, 5, 11]) {
      const before = size();
      const { refused } = judged('ü'.repeat(megabytes << 20));
      assert.equal(
        refused.errors[0].detail,
        `the label has ${megabytes << 20} characters; 80 are allowed`,
      );
      assert.ok(size() > before, `the memory did not grow beyond ${before}`);
      check();
    }

    // Here the answer's own work makes it grow.
    const before = size();
    const tokens = Array.from({ length: 300_000 }, (_, n) => ({
      created_at: '2027-01-01T00:00:00Z',
      expires_at: n % 3 === 0 ? '2027-03-01T00:00:00Z' : null,
      revoked_at: n % 3 === 1 ? '2027-02-01T00:00:00Z' : null,
    }));
    const { statuses } = core.token_status({ tokens, now: NOW });
    const names = ['expired', 'revoked', 'active'];
    assert.ok(statuses.every((status, n) => status === names[n % 3]));
    assert.equal(statuses.length, tokens.length);
    assert.ok(size() >= before);

    for (const { verb, name, input, expected } of cases()) {
      if (verb in core && isExact(input) && isExact(expected)) {
        assert.deepStrictEqual(core[verb](input), expected, name);
      }
    }
  });
}
