// The corpus in a real browser: both forms of the browser module answer every case as the native
// core does, each under the Content-Security-Policy that it is for.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve, sep } from 'node:path';
import { expect, type Page, test as base } from '@playwright/test';
import { all, type Case, checkObjects, checkTexts, ofPages } from '../core-tests/corpus.js';

/** Built by `cargo xtask test web`, and by `cargo xtask browser` with and without `--corpus`. */
const BUILT = resolve('../../target/browser');
const FORMS = {
  wasm: { scripts: "'self' 'wasm-unsafe-eval'", folder: '' },
  wasm2js: { scripts: "'self'", folder: 'fallback/' },
};
type Form = keyof typeof FORMS;

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What a page's script finds: the module, by the names of its verbs. */
type Door = Record<string, (...input: unknown[]) => unknown>;

/** `/FORM/FILE`: the page of a form, its script, and what was built. */
const test = base.extend<object, { url: string }>({
  url: [
    async ({}, use) => {
      const server = createServer(async (request, response) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        const [, form = '', ...rest] = path.split('/');
        if (!(form in FORMS)) return response.writeHead(404).end();
        response.setHeader('content-security-policy', policy(form as Form));
        if (rest.join('/') === '') {
          response.setHeader('content-type', 'text/html; charset=utf-8');
          return response.end('<!doctype html><title>Corpus</title>');
        }
        const file = resolve(BUILT, ...rest);
        const type = TYPES[extname(file)];
        const bytes = file.startsWith(BUILT + sep) && (await readFile(file).catch(() => undefined));
        if (type === undefined || !bytes) return response.writeHead(404).end();
        response.setHeader('content-type', type);
        return response.end(bytes);
      });
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
    { scope: 'worker' },
  ],
});

function policy(form: Form): string {
  return `default-src 'none'; script-src ${FORMS[form].scripts}; connect-src 'self'`;
}

/** Starts a module in the page and answers which verbs it has. */
async function start(page: Page, url: string, form: Form, module = form, corpus = false) {
  await page.goto(`${url}/${form}/`);
  const folder = `${corpus ? 'corpus/' : ''}${FORMS[module].folder}`;
  return page.evaluate(async (file) => {
    const core = (await import(file)) as Door & { default: () => Promise<unknown> };
    await core.default();
    Object.assign(window, { core });
    return Object.keys(core);
  }, `${url}/${form}/${folder}exportgate_core.js`);
}

/** Answers by the cases' names; an exception is an answer that no case expects. */
async function answers(page: Page, cases: readonly Case[], by: 'text' | 'objects') {
  const questions = cases.map(({ name, verb, inputText }) => ({ name, verb, inputText }));
  const given = await page.evaluate(
    ([questions, by]) => {
      const { core } = window as unknown as { core: Door };
      return questions.map(({ name, verb, inputText }): [string, unknown] => {
        try {
          const answer =
            by === 'text' ? core['run']?.(verb, inputText) : core[verb]?.(JSON.parse(inputText));
          return [name, answer];
        } catch (error) {
          return [name, String(error)];
        }
      });
    },
    [questions, by] as const,
  );
  const found = new Map(given);
  expect(found.size).toBe(cases.length);
  return ({ name }: Case) => found.get(name);
}

for (const form of Object.keys(FORMS) as Form[]) {
  test(`${form}: Chromium answers every case by text as the native core does`, async ({
    page,
    url,
  }) => {
    await start(page, url, form, form, true);
    checkTexts(all, await answers(page, all, 'text'));
  });

  test(`${form}: Chromium answers every case of a page's verb by objects`, async ({
    page,
    url,
  }) => {
    const verbs = await start(page, url, form);
    const cases = ofPages((verb) => verbs.includes(verb));
    checkObjects(cases, await answers(page, cases, 'objects'));
  });
}

test('the policy of the fallback lets no WebAssembly run', async ({ page, url }) => {
  await expect(start(page, url, 'wasm2js', 'wasm')).rejects.toThrow(/Content Security Policy/);
});
