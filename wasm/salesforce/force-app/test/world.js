// What the screens' tests have in common: the real core in either form, the texts, tokens and events.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createElement } from 'lwc';
import { Problem, hear, useCore, useRegion, useText } from 'c/tokenShared';
import { words } from 'c/tokenText';

const RESOURCE = join(__dirname, '../main/default/staticresources/exportgateCore');

const CASES = join(__dirname, '../../../../tests/cases');

/** A case of the corpus: `{input, expected}`. */
export const corpus = (verb, name) =>
  JSON.parse(readFileSync(join(CASES, verb, `${name}.json`), 'utf8'));

/** Both forms of the core. */
export const FORMS = ['wasm', 'plain'];

/** The host's time in all tests. */
export const NOW = '2026-11-25T10:00:00Z';

/** Texts, zone, the host's time, and the real core in this form. */
export async function start(form = 'wasm') {
  useText(words, 'en');
  useRegion(['en-GB'], 'Europe/Berlin');
  hear(new Date(NOW).toUTCString());
  // The script as Salesforce would run it.
  // eslint-disable-next-line no-new-func
  new Function(readFileSync(join(RESOURCE, `${form}.js`), 'utf8'))();
  const core = globalThis.exportgateCore;
  await core.ready;
  useCore(core);
  return core;
}

/** Waits until everything that was promised has happened and is drawn. */
export async function settle() {
  for (let turn = 0; turn < 20; turn += 1) {
    // eslint-disable-next-line no-await-in-loop
    await Promise.resolve();
  }
}

/** Draws a component with these properties. */
export async function drawn(component, properties = {}) {
  const element = createElement('c-under-test', { is: component });
  Object.assign(element, properties);
  document.body.appendChild(element);
  await settle();
  return element;
}

/** Has the timers wait for `pause`; the clock goes on. */
export const holdTimers = () => jest.useFakeTimers({ doNotFake: ['Date', 'performance'] });

/** Lets the person's pause pass. */
export async function pause() {
  jest.runAllTimers();
  jest.useRealTimers();
  await settle();
}

/** Takes everything off the page. */
export function clear() {
  while (document.body.firstChild) document.body.removeChild(document.body.firstChild);
  jest.clearAllMocks();
}

export const find = (element, selector) => element.shadowRoot.querySelector(selector);
export const findAll = (element, selector) => [...element.shadowRoot.querySelectorAll(selector)];

/** All that is written in an element and in what is in it. */
export function textOf(node) {
  let written = '';
  for (const child of node.childNodes) {
    written += child.nodeType === 3 ? child.data : ` ${child.label ?? ''} ${textOf(child)}`;
  }
  return node.shadowRoot ? `${textOf(node.shadowRoot)} ${written}` : written;
}

export function change(element, detail) {
  element.dispatchEvent(new CustomEvent('change', { detail }));
  return settle();
}

export function click(element) {
  element.click();
  return settle();
}

/** A refusal as the host words it. */
export const refusal = (status, code, errors = []) =>
  Problem.read(status, { code, detail: 'because', errors, request_id: 'r-1' }, null);

export const ME = {
  user_id: 'u1',
  user_name: 'ada',
  display_name: 'Ada',
  org_id: 'default',
  role: 'user',
};
export const ADMINISTRATOR = { ...ME, role: 'administrator' };

export const POLICY = {
  maximum_expiry_days: 90,
  automatic_expiration: true,
  maximum_active_tokens: 25,
  version: 3,
  updated_at: '2026-11-01T09:00:00Z',
  updated_by: { kind: 'user', user_id: 'u9', user_name: 'grace' },
};

export const token = (label, rest = {}) => ({
  token_id: `id-${label}`,
  label,
  hint: 'Wx1z',
  status: 'active',
  created_at: '2026-11-20T08:00:00Z',
  expires_at: '2027-01-20T00:00:00Z',
  revoked_at: null,
  last_used_at: null,
  uses: [],
  ...rest,
});

export const event = (sequence, kind, rest = {}) => ({
  sequence,
  org_id: 'default',
  at: '2026-11-24T12:00:00Z',
  kind,
  actor: { kind: 'user', user_id: 'u1', user_name: 'ada' },
  token_id: 'id-a',
  label: 'Sales',
  owner: { user_id: 'u1', user_name: 'ada' },
  reason: null,
  details: {},
  engine: 'e'.repeat(64),
  ...rest,
});
