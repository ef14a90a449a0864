// Ten thousand active tokens of one person: the list is found, scrolled and changed as with ten.
import { expect, type Page } from '@playwright/test';
import type { Host } from './host.ts';
import { expectAccessible, expectNoSideways, signedIn, test } from './test.ts';

const TOKENS = 10_000;
/** So many requests on their way, which the host gathers into common commits. */
const AT_ONCE = 64;

// Far above what a slow machine needs: this is about what does not work, and not about how fast.
const CREATE_MILLIS = 120_000;
const SCROLL_MILLIS = 60_000;
const ANSWER_MILLIS = 10_000;

test.setTimeout(600_000);

/** Creates tokens with the page's session, over many connections. */
async function create(page: Page, host: Host): Promise<void> {
  const cookies = await page.context().cookies();
  const headers = {
    'content-type': 'application/json',
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    origin: host.url,
  };
  let next = 0;
  const one = async () => {
    for (let n = next++; n < TOKENS; n = next++) {
      const body = JSON.stringify({ label: `Report ${n}` });
      const response = await fetch(`${host.url}/v1/tokens`, { method: 'POST', headers, body });
      if (response.status !== 201) throw new Error(await response.text());
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** Does something, says how long it took, and holds it to a limit. */
async function timed(words: string, limit: number, deed: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await deed();
  const millis = Math.round(performance.now() - start);
  console.log(`${words}: ${millis} ms`);
  expect(millis, words).toBeLessThan(limit);
}

test('a person with ten thousand active tokens finds, scrolls and revokes', async ({
  browser,
  ownHost: host,
}) => {
  const admin = await browser.newContext({ baseURL: host.url, locale: 'en-GB' });
  const adminPage = await admin.newPage();
  await signedIn(adminPage, host, 'chief', 'administrator', 'policy');
  await adminPage.getByRole('checkbox', { name: 'Maximum active tokens per user' }).uncheck();
  await adminPage.getByRole('button', { name: 'Save policy' }).click();
  await expect(adminPage.getByText('The policy is saved.')).toBeVisible();
  await admin.close();

  const context = await browser.newContext({ baseURL: host.url, locale: 'en-GB' });
  const page = await context.newPage();
  const rows = page.locator('tbody tr');
  await signedIn(page, host, 'maxima');
  await timed(`create ${TOKENS} tokens`, CREATE_MILLIS, () => create(page, host));

  await timed('open the list', ANSWER_MILLIS, async () => {
    await page.reload();
    await expect(page.getByText('10,000 active tokens')).toBeVisible();
    await expect(rows).toHaveCount(50);
  });
  const find = page.getByLabel('Find by label');
  await timed('find one of them', ANSWER_MILLIS, async () => {
    await find.fill('report 4321');
    await expect(rows).toHaveCount(1);
  });
  await expect(rows).toContainText('Report 4321');
  await timed('show all again', ANSWER_MILLIS, async () => {
    await find.fill('');
    await expect(rows.nth(49)).toBeVisible();
  });

  await timed('scroll to the end', SCROLL_MILLIS, async () => {
    // In the page: asking it from outside between two frames would be most of the work.
    await page.evaluate(async (wanted) => {
      while (document.querySelectorAll('tbody tr').length < wanted) {
        scrollTo(0, document.documentElement.scrollHeight);
        await new Promise(requestAnimationFrame);
      }
    }, TOKENS);
  });
  await expect(page.getByText('Loading more …')).toHaveCount(0);
  const labels = await rows.locator('.label').allTextContents();
  expect(new Set(labels).size).toBe(TOKENS);

  // With all of them on the page, it still answers. Sought by place: to find one of 20,000 buttons
  // by its name takes longer than what is measured.
  const near = rows.nth(TOKENS - 3);
  const label = labels.at(-3) ?? '';
  const dialog = page.locator('dialog');
  await timed('ask to revoke one near the end', ANSWER_MILLIS, async () => {
    await near.getByText('Revoke', { exact: true }).click();
    await expect(dialog).toContainText(`Revoke “${label}”?`);
  });
  await timed('revoke it', ANSWER_MILLIS, async () => {
    await dialog.getByText('Revoke token').click();
    await expect(near).toContainText('Revoked');
  });
  await expect(page.getByText('9,999 active tokens')).toBeVisible();
  await timed('find with all of them shown', ANSWER_MILLIS, async () => {
    await find.fill(label);
    await expect(rows.first()).toContainText(label);
    expect(await rows.count()).toBeLessThan(TOKENS);
  });
  await expectAccessible(page);
  await expectNoSideways(page);
  await context.close();
});
