// What a browser keeps: a secret is shown once, a code is used once, a session is the browser's own;
// none of them is left in the person's profile or where a script could read it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { checkNothingLeftBehind } from './host.ts';
import { CONTROL, filesIn, leaveControl, placesOf, readableIn } from './kept.ts';
import { expect, signedIn, test, tokenOf } from './test.ts';

async function created(page: Page, label: string): Promise<string> {
  await page.goto('/#/create');
  await page.getByLabel('Label').fill(label);
  await page.getByRole('button', { name: 'Create token' }).click();
  return page.getByLabel('Secret', { exact: true }).inputValue();
}

function statusOfSignIn(page: Page, code: string): Promise<number> {
  return page.evaluate(async (code) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ code });
    return (await fetch('/v1/sign-in', { method: 'POST', headers, body })).status;
  }, code);
}

test('no secret that was shown is left in the browser', async ({ host, launchOptions }) => {
  const profile = await mkdtemp(join(tmpdir(), 'exportgate-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...launchOptions,
    baseURL: host.url,
    locale: 'en-GB',
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const sessions: string[] = [];
    const cameIn = async () => {
      await expect(page.getByRole('heading', { name: 'Access tokens' })).toBeVisible();
      sessions.push(...(await context.cookies()).map(({ value }) => value));
    };
    await host.addUser('wilma');

    const linked = await host.code('wilma');
    await page.goto(`/#code=${linked}`);
    await cameIn();
    const copied = await created(page, 'Copied and done');
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('link', { name: 'Done' }).click();
    // Its checkpoint is what the page keeps.
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('button', { name: 'Verify' }).click();
    await expect(page.getByText('This browser keeps the checkpoint.')).toBeVisible();
    await page.getByRole('button', { name: 'Sign out' }).click();

    const typed = await host.code('wilma');
    await page.getByLabel('One-time code or link').fill(typed);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await cameIn();
    const shown = await created(page, 'Still on the screen');

    const [first = '', second = ''] = sessions;
    const secrets = { copied, shown, typed, first, second };
    expect(new Set([...Object.values(secrets), linked]).size).toBe(6);
    const readable = await readableIn(page);
    for (const [name, text] of Object.entries(secrets)) {
      expect(placesOf(text, readable), name).toEqual([]);
    }
    // Browsers keep the address that a link opened, whatever the page does: its code is used up.
    expect(placesOf(linked, readable)).toEqual(['timings']);
    expect(await statusOfSignIn(page, linked)).toBe(401);
    await leaveControl(page);
    const all = await readableIn(page);
    expect(placesOf(CONTROL, all)).toEqual([...all.keys()]);

    // A browser writes now and then: what it wrote of an open page counts.
    const kept = async () => placesOf(CONTROL, await filesIn(profile));
    await expect.poll(kept, { timeout: 30_000 }).not.toEqual([]);
    await context.close();
    const files = await filesIn(profile);
    for (const [name, text] of Object.entries(secrets)) {
      expect(placesOf(text, files), name).toEqual([]);
    }
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
});

test('no secret is left in what the host wrote, where one would be found', async ({
  page,
  host,
}) => {
  await signedIn(page, host, 'xenia');
  const { secret } = await tokenOf(page, 'Known by its form');
  expect(await readFile(join(host.folder, 'host.log'), 'utf8')).toContain('TRACE');
  await checkNothingLeftBehind(host.folder);
  // The control.
  const planted = join(host.folder, 'planted');
  await writeFile(planted, `password: ${secret}\n`);
  await expect(checkNothingLeftBehind(host.folder)).rejects.toThrow('a secret in planted');
  await rm(planted);
});
