// One token between two people: its owner in one browser, an administrator in the other.
import { type Browser, expect, type Page } from '@playwright/test';
import type { Host } from './host.ts';
import { look, signedIn, test, watch } from './test.ts';

const LABEL = 'Quarterly figures';
const MAXIMUM_DAYS = '30';
const NOTICE_DAYS = '40';
const DAY_MILLIS = 86_400_000;

async function browserOf(browser: Browser, host: Host, complaints: string[]): Promise<Page> {
  const context = await browser.newContext({
    baseURL: host.url,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  watch(context, host, complaints);
  return context.newPage();
}

/** Asks with the page's session; answers the status. */
function statusOf(page: Page, path: string, method = 'GET', body?: object): Promise<number> {
  return page.evaluate(
    async ([path, method, body]) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(path, { method, ...(body !== '' && { headers, body }) });
      return response.status;
    },
    [path, method, body === undefined ? '' : JSON.stringify(body)] as const,
  );
}

// The policy is the organization's: it needs a host of its own.
test('a token lives between its owner and an administrator', async ({ browser, ownHost: host }) => {
  const complaints: string[] = [];
  const user = await browserOf(browser, host, complaints);
  const admin = await browserOf(browser, host, complaints);

  // The user creates it, and an export runs with it.
  await signedIn(user, host, 'ursula', 'user', 'create');
  await user.getByLabel('Label').fill(LABEL);
  await user.getByRole('radio', { name: 'No expiry' }).check();
  await user.getByRole('button', { name: 'Create token' }).click();
  await expect(user.getByRole('heading', { name: 'Token created' })).toBeVisible();
  const secret = await user.getByLabel('Secret', { exact: true }).inputValue();
  await user.getByRole('link', { name: 'Done' }).click();
  await user.getByRole('dialog').getByRole('button', { name: 'Leave without it' }).click();
  const own = user.getByRole('row', { name: new RegExp(LABEL) });
  await expect(own).toContainText('Never');
  const id = await own.getAttribute('data-token');
  const ask = await host.exportService();
  expect(await ask(secret)).toMatchObject({ decision: 'allow' });
  // A host that stops writes the uses of the open minute.
  await (
    await host.goAway()
  )();

  // The administrator sees both in the history.
  await signedIn(admin, host, 'adele', 'administrator', 'history');
  const events = admin.getByRole('list', { name: 'History' });
  await expect(events).toContainText(`ursula created “${LABEL}”`);
  await expect(events).toContainText(`1 export ran with “${LABEL}” of ursula: /odata/Accounts`);

  // The policy gets stricter, the preview says for whom, and it is applied with notice.
  await admin.getByRole('link', { name: 'Policy' }).click();
  await admin.getByRole('checkbox', { name: 'Maximum expiry period' }).check();
  await admin.getByLabel('days', { exact: true }).fill(MAXIMUM_DAYS);
  await admin
    .getByRole('checkbox', { name: 'Automatic expiration of tokens without a date' })
    .check();
  await admin.getByLabel('Notice in days').fill(NOTICE_DAYS);
  const preview = admin.getByRole('table', { name: 'Tokens that would end earlier' });
  await expect(preview.getByRole('rowheader', { name: LABEL })).toContainText('ursula');
  await expect(preview.getByRole('row', { name: new RegExp(LABEL) })).toContainText('Never');
  await expect(admin.getByText('1 of 1 active tokens would end earlier.')).toBeVisible();
  await expect(admin.getByText('1 of them was used in the last 28 days.')).toBeVisible();
  await admin.getByRole('button', { name: 'Save policy' }).click();
  await admin.getByRole('button', { name: 'Apply to 1 existing token …' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Apply policy' }).click();
  await expect(admin.getByText('1 token ends earlier now.')).toBeVisible();
  await expect(admin.getByText('No existing token would end earlier')).toBeVisible();

  // The owner sees the new end.
  await user.reload();
  const end = await own.getByRole('cell').nth(3).locator('time').getAttribute('datetime');
  const notice = Number(NOTICE_DAYS) * DAY_MILLIS;
  const sooner = Date.parse(end ?? '') - Date.now();
  expect(sooner).toBeGreaterThan(notice - DAY_MILLIS / 24);
  expect(sooner).toBeLessThan(notice + 2 * DAY_MILLIS);
  await look(user, 'tokens-end-earlier');
  expect(await ask(secret)).toMatchObject({ decision: 'allow' });

  // To the administrator it is nobody's token: neither in a list nor by its address.
  await admin.getByRole('link', { name: 'Access tokens' }).click();
  await expect(admin.getByRole('heading', { name: 'No tokens yet' })).toBeVisible();
  const screens = [
    ['tokens', 'Access tokens'],
    ['create', 'New token'],
    ['policy', 'Policy'],
    ['history', 'History'],
  ] as const;
  for (const [path, name] of screens) {
    await admin.goto(`/#/${path}`);
    await expect(admin.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(admin.getByText(/Loading/)).toHaveCount(0);
    await expect(admin.getByRole('button', { name: /^(Revoke|Rename)/ })).toHaveCount(0);
  }
  const address = `/v1/tokens/${id}`;
  expect(await statusOf(user, address)).toBe(200);
  expect(await statusOf(admin, address)).toBe(404);
  expect(await statusOf(admin, `${address}/uses`)).toBe(404);
  expect(await statusOf(admin, `${address}/revoke`, 'POST')).toBe(404);
  expect(await statusOf(admin, address, 'PATCH', { label: 'Mine now' })).toBe(404);
  expect(await statusOf(admin, '/v1/tokens/revoke-all', 'POST')).toBe(200);
  expect(await ask(secret)).toMatchObject({ decision: 'allow' });

  // What happened can be proven.
  await admin.getByRole('button', { name: 'Verify' }).click();
  await expect(admin.getByRole('heading', { name: 'The history is intact' })).toBeVisible();
  await expect(events).toContainText('adele applied the policy to existing tokens: 1 ends earlier');
  await expect(events).toContainText(`adele changed the expiry of “${LABEL}” of ursula from Never`);
  await look(admin, 'history-two-people');

  // The owner revokes it; the next export is refused, and the administrator reads so.
  await own.getByRole('button', { name: `Revoke ${LABEL}` }).click();
  await user.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
  await expect(own).toContainText('Revoked');
  expect(await ask(secret)).toMatchObject({ decision: 'deny', reason: 'revoked' });
  await (
    await host.goAway()
  )();
  await admin.reload();
  await expect(events).toContainText(`“${LABEL}” of ursula was revoked, by the owner`);
  await expect(events).toContainText(
    `1 export with “${LABEL}” of ursula was refused, as the token was revoked`,
  );
  await admin.getByRole('button', { name: 'Verify' }).click();
  await expect(
    admin.getByText(/nothing was changed or removed; [1-9]\d* were added/),
  ).toBeVisible();
  // What was refused above is all that was.
  expect(complaints.filter((words) => !words.includes('404'))).toEqual([]);
  await Promise.all([user.context().close(), admin.context().close()]);
});
