// The tests' `test`: a server with a host, and a page that must not complain, break its policy or
// call others.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, expect, type Page, test as base } from '@playwright/test';
import { address, LightningServer, type PageOptions } from './server.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the platform's own parts say, whatever a component does. */
const KNOWN: { words: RegExp; reason: string }[] = [
  {
    words: /^An iframe which has both allow-scripts and allow-same-origin/,
    reason: 'Lightning Web Security evaluates in such a frame',
  },
  {
    words: /is not in the same shadow root[^]*\bat (AriaObserver|Lightning\w+)\./,
    reason: 'base components tie names across shadows, which synthetic shadow allows',
  },
];

/** Where base components themselves fall short, by axe's rule. */
const SHORTCOMINGS: { rule: string; html: RegExp; reason: string }[] = [
  {
    rule: 'target-size',
    html: /^<button [^>]*class="slds-button slds-button_icon slds-button_icon-bare"/,
    reason: 'the button in a date field that opens its calendar is 16 pixels wide',
  },
];

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

interface Fixtures {
  /** A host of the test's own: a policy that one test changes binds no other. */
  server: LightningServer;
  /** Console errors that a test provokes on purpose. */
  expected: RegExp | undefined;
  /** What every page of a test has. */
  options: PageOptions;
  /** Opens the page; answers when the component is on it. */
  open: (options?: PageOptions) => Promise<void>;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = await LightningServer.start();
    await use(server);
    await server.stop();
  },
  baseURL: async ({ server }, use) => use(server.url),
  expected: [undefined, { option: true }],
  options: [{}, { option: true }],
  open: async ({ page, options }, use) => {
    await use(async (more = {}) => {
      await page.goto(address({ ...options, ...more }));
      await expect(page.locator('main > *')).toBeAttached();
    });
  },
  context: async ({ context, server, expected }, use) => {
    const complaints: string[] = [];
    watch(context, server, complaints);
    await use(context);
    const known = [...KNOWN.map(({ words }) => words), ...(expected ? [expected] : [])];
    expect(complaints.filter((words) => !known.some((one) => one.test(words)))).toEqual([]);
  },
});

function watch(context: BrowserContext, server: LightningServer, complaints: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== server.url && !['data:', 'blob:'].includes(url.protocol)) {
      complaints.push(`asked ${url.origin}`);
    }
  });
}

export { expect };

let nUsers = 0;

/** Adds a person with a name of their own, and answers it. */
export function somebody(server: LightningServer, role: 'user' | 'administrator' = 'user'): string {
  nUsers += 1;
  const name = `user${nUsers}`;
  server.addUser(name, role);
  return name;
}

/** No violation of WCAG 2.2 A and AA on what is shown now; synthetic shadow hides nothing from axe. */
export async function expectAccessible(page: Page, part = 'body'): Promise<void> {
  await page.evaluate(axe);
  const violations: Violation[] = await page.evaluate(async (selector) => {
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
    // @ts-expect-error axe was put there by the line above.
    return (await window.axe.run(selector, { runOnly })).violations;
  }, part);
  const isKnown = (id: string, html: string) =>
    SHORTCOMINGS.some((one) => one.rule === id && one.html.test(html));
  const found = violations.flatMap(({ id, nodes }) =>
    nodes
      .filter(({ html }) => !isKnown(id, html))
      .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
  expect(found).toEqual([]);
}

/** Accessible, and a picture for people to look at. */
export async function look(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // Colours of what is still moving tell nothing; a spinner never ends.
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((one) => one.finished));
  });
  await expectAccessible(page);
  await page.screenshot({
    path: `../../target/screenshots/lightning-${name}.png`,
    fullPage: true,
    animations: 'disabled',
  });
}

/** Nothing sticks out to the right. */
export async function expectNoSideways(page: Page): Promise<void> {
  const [wide, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  expect(wide).toBeLessThanOrEqual(room ?? 0);
}
