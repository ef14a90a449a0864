// What a browser keeps: a secret is shown once, and stays in no file of the person's profile.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { expect, signedIn, test } from './test.ts';

/** Half a secret is found, too, and nobody meets so many characters by chance. */
const WINDOW = 12;
const CONTROL = 'KeptOnPurpose4711KeptOnPurpose';

test('no secret that was shown is left in the browser', async ({ host, launchOptions }) => {
  const profile = await mkdtemp(join(tmpdir(), 'exportgate-profile-'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      ...launchOptions,
      baseURL: host.url,
      locale: 'en-GB',
    });
    const page = context.pages()[0] ?? (await context.newPage());
    await signedIn(page, host, 'wilma', 'user', 'create');
    const shown: string[] = [];
    for (const label of ['Copied and done', 'Still on the screen']) {
      if (shown.length > 0) {
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByRole('link', { name: 'Done' }).click();
        await page.goto('/#/create');
      }
      await page.getByLabel('Label').fill(label);
      await page.getByRole('button', { name: 'Create token' }).click();
      shown.push(await page.getByLabel('Secret', { exact: true }).inputValue());
    }
    expect(new Set(shown).size).toBe(2);
    // Proves that the search finds what is kept.
    await page.evaluate((text) => localStorage.setItem('control', text), CONTROL);
    // A browser writes now and then: what it wrote of an open page counts.
    const kept = async () => places(await contents(profile), CONTROL);
    await expect.poll(kept, { timeout: 30_000 }).not.toEqual([]);
    await context.close();

    const files = await contents(profile);
    for (const secret of shown) expect(places(files, secret)).toEqual([]);
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});

/** Every file below a folder, by name. */
async function contents(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // One may be gone in the meantime: the browser tidies up.
    const bytes = entry.isFile() ? await readFile(path).catch(() => undefined) : undefined;
    if (bytes !== undefined) files.set(path, bytes);
  }
  return files;
}

/** The files in which a part of a text is, in one byte for each character or in two. */
function places(files: Map<string, Buffer>, text: string): string[] {
  const n = text.length - WINDOW + 1;
  const parts = Array.from({ length: n }, (_, start) => text.slice(start, start + WINDOW));
  const needles = parts.flatMap((part) => [Buffer.from(part), Buffer.from(part, 'utf16le')]);
  const holds = (bytes: Buffer) => needles.some((needle) => bytes.includes(needle));
  return [...files].filter(([, bytes]) => holds(bytes)).map(([path]) => path);
}
