// Knows that the generated types are those of the documents: the compiler judges every case of the
// corpus, and refuses what the core refuses.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { PAGES, cases } from './modules.js';

/** The types of each verb that pages ask. */
const DOCUMENTS = {
  canonical_event: ['HistoryEvent', 'CanonicalEvent'],
  expiry_choices: ['ExpiryChoicesInput', 'ExpiryChoicesAnswer'],
  inspect_secret: ['string', 'InspectionRecord'],
  judge_draft: ['JudgeDraftInput', 'JudgeDraftAnswer'],
  open_checkpoint: ['OpenCheckpointInput', 'OpenCheckpointAnswer'],
  preview_policy: ['PreviewPolicyInput', 'PreviewPolicyAnswer'],
  token_status: ['TokenStatusInput', 'TokenStatusAnswer'],
  verify_consistency: ['VerifyConsistencyInput', 'Proven'],
  verify_inclusion: ['VerifyInclusionInput', 'Proven'],
};

const FORBIDDEN = `
const policy: core.PolicyRecord = {
  maximum_expiry_days: null, automatic_expiration: false, maximum_active_tokens: 25,
};
const now = "2027-03-31T12:00:00Z";
const answer = core.judge_draft({ draft: { label: "x" }, policy, n_active: 0, now });
if ("accepted" in answer) { const label: string = answer.accepted.label; void label; }
else { const code: core.Code = answer.refused.errors[0]!.code; void code; }
// @ts-expect-error: a setting is missing
core.expiry_choices({ policy: { automatic_expiration: false, maximum_active_tokens: 1 }, now });
// @ts-expect-error: a misspelt field
core.judge_draft({ draft: { label: "x", expires: "" }, policy, n_active: 0, now });
// @ts-expect-error: a date is no text
core.expiry_choices({ policy, now: new Date() });
// @ts-expect-error: there is no such choice
const key: core.ChoiceKeyRecord = "days_8";
// @ts-expect-error: an answer may be a refusal
answer.accepted;
// @ts-expect-error: what ships has no verbs by name
core.run("create_token", "{}");
void key;
`;

test('the compiler takes every case of the corpus, and what it refuses is refused', () => {
  const folder = join(PAGES, 'types');
  mkdirSync(folder, { recursive: true });
  const lines = ['import * as core from "../exportgate_core.js";'];
  const type = (name) => (name === 'string' ? name : `core.${name}`);
  for (const [verb, [input, answer]] of Object.entries(DOCUMENTS)) {
    lines.push(`const ask_${verb}: (input: ${type(input)}) => ${type(answer)} = core.${verb};`);
    lines.push(`void ask_${verb};`);
    const ofVerb = cases().filter((one) => one.verb === verb);
    assert.ok(ofVerb.length > 9, verb);
    const pairs = ofVerb.map((one) => JSON.stringify([one.input, one.expected]));
    lines.push(`export const ${verb}: [${type(input)}, ${type(answer)}][] = [`);
    lines.push(pairs.join(',\n'), '];');
  }
  writeFileSync(join(folder, 'cases.ts'), lines.join('\n') + FORBIDDEN);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
  };
  const include = ['cases.ts', '../exportgate_core.d.ts', '../fallback/exportgate_core.d.ts'];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  const tsc = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url));
  const { status, stdout, error } = spawnSync(tsc, ['--project', folder], { encoding: 'utf8' });
  assert.equal(status, 0, error ?? stdout.slice(0, 5_000));
});
