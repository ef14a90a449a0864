// The tests' `test`: a host, and a page that must not complain, break its policy or call others.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, expect, type Page, test as base } from '@playwright/test';
import { Host } from './host.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Fixtures {
  /** A host that the test has alone; it ends with the test, also when that fails. */
  ownHost: Host;
  /** Console errors that a test provokes on purpose. */
  expected: RegExp[];
}

export const test = base.extend<Fixtures, { host: Host }>({
  host: [
    async ({}, use) => {
      const host = await Host.start();
      await use(host);
      await host.stop();
    },
    { scope: 'worker' },
  ],
  ownHost: async ({}, use) => {
    const host = await Host.start();
    await use(host);
    await host.stop();
  },
  baseURL: async ({ host }, use) => use(host.url),
  expected: async ({}, use) => use([]),
  context: async ({ context, host, expected }, use) => {
    const complaints: string[] = [];
    watch(context, host, complaints);
    await use(context);
    expect(complaints.filter((words) => !expected.some((one) => one.test(words)))).toEqual([]);
  },
});

/** Gathers what the pages of a context complain about, and whom else they ask. */
export function watch(context: BrowserContext, host: Host, complaints: string[]): void {
  context.on('console', (message) => {
    // The first question of a visit is whether somebody is signed in.
    const asked = message.location().url.endsWith('/v1/me') && message.text().includes('401');
    if ((message.type() === 'error' || message.type() === 'warning') && !asked)
      complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== host.url && !['data:', 'blob:'].includes(url.protocol))
      complaints.push(`asked ${url.origin}`);
  });
}

export { expect };

/** Adds a person and signs the page in with a link, as the operator gives it. */
export async function signedIn(
  page: Page,
  host: Host,
  name: string,
  role: 'user' | 'administrator' = 'user',
  path = '',
): Promise<void> {
  await host.addUser(name, role);
  await page.goto(`/#code=${await host.code(name)}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Access tokens|Zugriffstoken/);
  if (path !== '') await page.goto(`/#/${path}`);
}

/** Creates a token over HTTP with the page's own session. */
export async function tokenOf(
  page: Page,
  label: string,
  rest: object = {},
): Promise<{ token: { token_id: string }; secret: string }> {
  return page.evaluate(
    async (draft) => {
      const response = await fetch('/v1/tokens', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(draft),
      });
      return response.json();
    },
    { label, ...rest },
  );
}

/** No violation of WCAG 2.2 A and AA on what is shown now. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
    // @ts-expect-error axe was put there by the line above.
    const { violations } = await window.axe.run(document, { runOnly: tags });
    return violations.map(
      (v: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
        `${v.id}: ${v.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`,
    );
  });
  expect(found).toEqual([]);
}

/** Both themes: accessible, and a picture for people to look at. */
export async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Colours fade for a moment.
    await page.waitForTimeout(150);
    await expectAccessible(page);
    const fullPage = (await page.locator('dialog[open]').count()) === 0;
    await page.screenshot({
      path: `../../target/screenshots/${name}-${colorScheme}.png`,
      fullPage,
    });
  }
  await page.emulateMedia({ colorScheme: null });
}

/** Nothing sticks out to the right. */
export async function expectNoSideways(page: Page): Promise<void> {
  const [wide, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  expect(wide).toBeLessThanOrEqual(room ?? 0);
}
