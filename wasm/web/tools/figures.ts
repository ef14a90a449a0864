// Measures what a person waits for, on a real host and in a real browser: `npm run figures`.
//
// Only the bytes are held to a limit. Times depend on the machine and on what else it does, so they
// are printed as they came out.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from '@playwright/test';
import config from '../playwright.config.ts';
import { Host } from '../tests/host.ts';
import { type Moments, observe } from './observe.ts';

/** Of everything that the first load asks for, with headers. */
const BUDGET_BYTES = 150_000;
/** An odd number, so that one load is the middle one. */
const LOADS = 7;
/** Lighthouse slows a phone's processor as much. */
const SLOWED = 4;
const TOKENS = 20;
/** After this long without a request a load is over; long tasks until then count. */
const QUIET_MILLIS = 500;
/** Longer tasks keep a person waiting; total blocking time is what is beyond. */
const LONG_MILLIS = 50;

const LIGHTHOUSE = 'tools/node_modules/lighthouse/cli/index.js';
const run = promisify(execFile);

interface Load {
  bytes: number;
  requests: number;
  'first contentful paint': number;
  'largest contentful paint': number;
  'total blocking time': number;
  'long tasks in all': number;
  'cumulative layout shift': number;
  usable: number;
}

/** Loads the page as somebody who was never here. */
async function load(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  rate: number,
  usable: keyof Moments['usable'],
): Promise<Load> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Emulation.setCPUThrottlingRate', { rate });
  let bytes = 0;
  let requests = 0;
  client.on('Network.requestWillBeSent', () => (requests += 1));
  client.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
  await page.addInitScript(observe);
  await page.goto(url);
  await page.waitForFunction((usable) => window.moments.usable[usable] !== undefined, usable, {
    polling: 100,
  });
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(QUIET_MILLIS);
  const moments = await page.evaluate(() => window.moments);
  await context.close();
  const painted = moments.firstPaint ?? NaN;
  const blocking = (from: number) =>
    moments.tasks
      .map(({ start, millis }) => Math.max(0, start + millis - Math.max(start, from) - LONG_MILLIS))
      .reduce((sum, millis) => sum + millis, 0);
  return {
    bytes,
    requests,
    'first contentful paint': painted,
    'largest contentful paint': moments.largestPaint ?? NaN,
    'total blocking time': blocking(painted),
    'long tasks in all': moments.tasks.reduce((sum, { millis }) => sum + millis, 0),
    'cumulative layout shift': moments.shift,
    usable: moments.usable[usable] ?? NaN,
  };
}

const middle = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Prints the middle, least and most of each figure; answers the most bytes of a load. */
async function measure(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  rate: number,
  usable: keyof Moments['usable'],
  words: string,
): Promise<number> {
  const loads: Load[] = [];
  for (let n = 0; n < LOADS; n += 1) loads.push(await load(browser, url, options, rate, usable));
  const speed = rate === 1 ? 'processor as it is' : `processor slowed ${rate} times`;
  console.log(`\n${words}, ${speed}, ${LOADS} cold loads: middle (least to most)`);
  for (const name of Object.keys(loads[0] ?? {}) as (keyof Load)[]) {
    const values = loads.map((load) => load[name]);
    const unit =
      { bytes: '', requests: '', 'cumulative layout shift': '' }[name as string] ?? ' ms';
    const written = (value: number) => value.toFixed(name === 'cumulative layout shift' ? 4 : 0);
    const [least, most] = [Math.min(...values), Math.max(...values)].map(written);
    const label = name === 'usable' ? usable : name;
    console.log(`  ${label.padEnd(34)} ${written(middle(values))}${unit} (${least} to ${most})`);
  }
  return Math.max(...loads.map(({ bytes }) => bytes));
}

/** Signs a person with tokens in and answers the cookies. */
async function session(browser: Browser, host: Host) {
  await host.addUser('figures');
  const context = await browser.newContext({ baseURL: host.url });
  const page = await context.newPage();
  await page.goto(`/#code=${await host.code('figures')}`);
  await page.locator('eg-tokens').waitFor();
  await createTokens(page);
  const state = await context.storageState();
  await context.close();
  return state;
}

function createTokens(page: Page): Promise<void> {
  return page.evaluate(async (n) => {
    for (let i = 0; i < n; i += 1) {
      const body = JSON.stringify({ label: `Sales dashboard ${i}` });
      const headers = { 'content-type': 'application/json' };
      await fetch('/v1/tokens', { method: 'POST', headers, body });
    }
  }, TOKENS);
}

/** Lighthouse's own scores, 0 to 100, and what it finds wanting. */
async function lighthouse(words: string, url: string, headers: object): Promise<void> {
  const args = [
    LIGHTHOUSE,
    url,
    '--quiet',
    '--no-enable-error-reporting',
    '--output=json',
    '--output-path=stdout',
    '--only-categories=performance,accessibility,best-practices',
    `--extra-headers=${JSON.stringify(headers)}`,
    `--chrome-flags=--headless=new ${BROWSER.args.join(' ')}`,
  ];
  const { stdout } = await run(process.execPath, args, {
    env: { ...process.env, CHROME_PATH: BROWSER.executablePath },
    maxBuffer: 2 ** 26,
  });
  const { categories, audits } = JSON.parse(stdout) as {
    categories: Record<string, { title: string; score: number }>;
    audits: Record<string, { id: string; score: number | null; displayValue?: string }>;
  };
  const scores = Object.values(categories).map(
    ({ title, score }) => `${title} ${Math.round(score * 100)}`,
  );
  console.log(`\nLighthouse, a slow phone, ${words}: ${scores.join(', ')}`);
  for (const { id, score, displayValue } of Object.values(audits)) {
    if (score !== null && score < 1) console.log(`  ${id.padEnd(34)} ${displayValue ?? ''}`);
  }
}

const launch = config.use?.launchOptions ?? {};
const BROWSER = { executablePath: launch.executablePath ?? '', args: launch.args ?? [] };

const host = await Host.start();
const browser = await chromium.launch(BROWSER);
try {
  let most = 0;
  const storageState = await session(browser, host);
  const options: BrowserContextOptions = {
    locale: 'en-GB',
    viewport: { width: 1280, height: 860 },
  };
  for (const rate of [1, SLOWED]) {
    const bytes = await measure(browser, host.url, options, rate, 'sign-in is usable', 'Sign-in');
    most = Math.max(most, bytes);
    const known = { ...options, storageState };
    await measure(browser, host.url, known, rate, 'table is usable', `A table of ${TOKENS} tokens`);
  }
  if (existsSync(LIGHTHOUSE)) {
    const cookie = storageState.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    await lighthouse('sign-in', host.url, {});
    await lighthouse('signed in', host.url, { cookie });
  } else {
    console.log('\nNo Lighthouse: npm ci --prefix tools --ignore-scripts');
  }
  console.log(`\nThe first load: ${most} bytes over the wire; allowed are ${BUDGET_BYTES}.`);
  if (most > BUDGET_BYTES) process.exitCode = 1;
} finally {
  await browser.close();
  await host.stop();
}
