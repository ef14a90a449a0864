// Knows the cases that a browser module must answer, and when an answer is right; shared by the
// tests in Node and in Chromium.

import assert from 'node:assert/strict';

import { cases, isExact, parse } from './modules.js';

/** Every case. */
export const all = cases();

/** Those whose numbers a value of JavaScript can hold. */
export const exact = all.filter(({ input, expected }) => isExact(input) && isExact(expected));

/** What pages ask; the module for the corpus has all verbs beside. */
export const PAGE_VERBS = [
  'canonical_event',
  'expiry_choices',
  'inspect_secret',
  'judge_draft',
  'open_checkpoint',
  'preview_policy',
  'token_status',
  'verify_consistency',
  'verify_inclusion',
];

/** The cases that the module of pages must answer, seen from the verbs that it has. */
export function ofPages(hasVerb) {
  const cases = exact.filter(({ verb }) => hasVerb(verb));
  assert.deepStrictEqual([...new Set(cases.map(({ verb }) => verb))].sort(), PAGE_VERBS);
  return cases;
}

/** Checks answers in text. Names all failures before it fails. */
export function checkTexts(cases, answer) {
  check(cases, (one) => [parse(answer(one)), parse(one.text).expected]);
}

/** Checks answers that are objects. Names all failures before it fails. */
export function checkObjects(cases, answer) {
  check(cases, (one) => [answer(one), one.expected]);
}

function check(cases, compared) {
  const failures = [];
  for (const one of cases) {
    try {
      const [given, expected] = compared(one);
      assert.deepStrictEqual(given, expected);
    } catch (error) {
      failures.push(`${one.name}: ${error.message}`);
    }
  }
  assert.equal(failures.length, 0, `${failures.length} fail\n${failures.slice(0, 20).join('\n')}`);
}
