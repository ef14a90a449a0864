// What a browser keeps of the Lightning page: a secret is shown once, and stays nowhere.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { CONTROL, filesIn, leaveControl, placesOf, readableIn } from '../../web/tests/kept.ts';
import { copy, create, press } from './person.ts';
import { address } from './server.ts';
import { expect, somebody, test } from './test.ts';

test('no secret is left in the browser', { tag: '@once' }, async ({ server, launchOptions }) => {
  const profile = await mkdtemp(join(tmpdir(), 'exportgate-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...launchOptions,
    baseURL: server.url,
    locale: 'en-US',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(address({ user: somebody(server) }));
    const copied = await create(page, 'Copied and done');
    await copy(page);
    // Its checkpoint is what the component keeps.
    await page.getByRole('tab', { name: 'History' }).click();
    await press(page, 'Verify');
    await expect(page.getByText('This browser keeps the checkpoint.')).toBeVisible();
    await page.getByRole('tab', { name: 'Access tokens' }).click();
    const shown = await create(page, 'Still on the screen');

    expect(copied).not.toBe(shown);
    const readable = await readableIn(page);
    for (const secret of [copied, shown]) expect(placesOf(secret, readable)).toEqual([]);
    await leaveControl(page);
    const all = await readableIn(page);
    expect(placesOf(CONTROL, all)).toEqual([...all.keys()]);

    // A browser writes now and then: what it wrote of an open page counts.
    const kept = async () => placesOf(CONTROL, await filesIn(profile));
    await expect.poll(kept, { timeout: 30_000 }).not.toEqual([]);
    await context.close();
    const files = await filesIn(profile);
    for (const secret of [copied, shown]) expect(placesOf(secret, files)).toEqual([]);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
});
