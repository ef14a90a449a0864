// People may call tokens and themselves whatever the rules allow: on every screen it stays text.
import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from '@playwright/test';
import type { Host } from './host.ts';
import { cellsOf, FORMULA, NOTHING, OVERRIDDEN, type Trap, trapIn, words } from './hostile.ts';
import { expect, expectNoSideways, test, watch } from './test.ts';

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 860 };

/** A browser in which nothing but the page itself keeps words from running. */
async function unguarded(browser: Browser, host: Host, complaints: string[]): Promise<Page> {
  const context = await browser.newContext({
    baseURL: host.url,
    locale: 'en-GB',
    bypassCSP: true,
    viewport: DESKTOP,
  });
  watch(context, host, complaints);
  return context.newPage();
}

/** What is on the screen now is text, and does not push anything out of a phone's. */
async function expectText(page: Page, trap: Trap): Promise<void> {
  expect(await trap.caught()).toEqual(NOTHING);
  await page.setViewportSize(PHONE);
  await expectNoSideways(page);
  await page.setViewportSize(DESKTOP);
}

const button = (place: Page | Locator, name: string) =>
  place.getByRole('button', { name, exact: true });

/** The owner's screens; answers after the last one. */
async function asOwner(page: Page, trap: Trap, host: Host): Promise<void> {
  const { label, newLabel, lostLabel, user, displayName } = words;
  const dialog = page.getByRole('dialog');
  const notice = page.locator('#notice');
  const person = page.locator('.person span');
  const list = page.getByRole('table', { name: 'Access tokens' });
  const create = async (wanted: string) => {
    await page.goto('/#/create');
    await page.getByLabel('Label').fill(wanted);
    await button(page, 'Create token').click();
  };

  await page.goto(`/#code=${await host.code(user)}`);
  await expect(person).toHaveText(displayName);
  await expect(person).toHaveAttribute('title', user);
  await expectText(page, trap);

  // A name of the other kind is not even allowed.
  await create(OVERRIDDEN);
  await expect(page.getByText('The label contains an invisible character')).toBeVisible();

  // What something between page and host may answer is not markup either.
  const refusal = { status: 400, code: 'x', detail: label, request_id: newLabel };
  const refuse = { status: 400, contentType: 'application/problem+json', json: refusal };
  await page.route('**/v1/tokens', (route) => route.fulfill(refuse), { times: 1 });
  await create(label);
  await expect(page.getByRole('alert')).toContainText(label);
  await expect(page.getByRole('alert')).toContainText(newLabel);
  await expectText(page, trap);

  await button(page, 'Create token').click();
  await expect(page.locator('eg-secret')).toContainText(`the secret of “${label}”.`);
  await expect(page.locator('eg-secret code')).toHaveText(user);
  await expectText(page, trap);
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue();
  const ask = await host.exportService(words.service, words.dataSource);
  await ask(secret);
  await page.getByRole('link', { name: 'Done' }).click();
  await button(dialog, 'Leave without it').click();

  await expect(list.locator('.label')).toHaveText(label);
  await expectText(page, trap);
  await page.getByLabel('Find by label').fill(secret);
  await expect(page.getByText(`like “${label}” in the list`)).toBeVisible();
  await expectText(page, trap);
  // The list is asked for after a pause in typing: a token that was renamed by then is not in it.
  const found = page.waitForResponse((answer) => answer.url().includes('/v1/tokens?label='));
  await page.getByLabel('Find by label').fill(label);
  await found;
  await expect(list.locator('.label')).toHaveText(label);

  await button(list, `Rename ${label}`).click();
  await expect(dialog.getByLabel('Label')).toHaveValue(label);
  await dialog.getByLabel('Label').fill(OVERRIDDEN);
  await expect(dialog.getByText('an invisible character')).toBeVisible();
  await expect(button(dialog, 'Rename')).toBeDisabled();
  await dialog.getByLabel('Label').fill(newLabel);
  await expectText(page, trap);
  await button(dialog, 'Rename').click();
  await expect(notice).toHaveText(`Renamed to “${newLabel}”.`);
  await expect(list.locator('.label')).toHaveText(newLabel);
  await expectText(page, trap);

  // The host creates it; the answer never arrives.
  await page.route(
    '**/v1/tokens',
    async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    },
    { times: 1 },
  );
  await create(lostLabel);
  await expect(page.getByText(`A token “${lostLabel}” may exist`)).toBeVisible();
  await button(page, 'Look for it now').click();
  await expect(page.getByRole('listitem').filter({ hasText: lostLabel })).toBeVisible();
  await expectText(page, trap);
  await button(page, 'Revoke').click();
  await expect(dialog.getByRole('heading')).toHaveText(`Revoke “${lostLabel}”?`);
  await button(dialog, 'Cancel').click();

  await page.goto('/#/tokens');
  await button(list, `Revoke ${lostLabel}`).click();
  await expect(dialog.getByRole('heading')).toHaveText(`Revoke “${lostLabel}”?`);
  await expectText(page, trap);
  await button(dialog, 'Revoke token').click();
  await expect(notice).toHaveText(`“${lostLabel}” is revoked.`);
  await button(page, 'Revoke all …').click();
  await expect(dialog.getByLabel('Type 1 to confirm')).toBeVisible();
  await expectText(page, trap);
  await button(dialog, 'Cancel').click();
}

/** The history as its owner or an administrator reads it: these sentences, and the file. */
async function history(page: Page, trap: Trap, sentences: string[], cells: string[]) {
  await page.goto('/#/history');
  const events = page.getByRole('list', { name: 'History' });
  for (const sentence of sentences) await expect(events).toContainText(sentence);
  for (const details of await events.getByText('Details').all()) await details.click();
  await expect(events).toContainText(JSON.stringify({ old_label: words.label }).slice(1, -1));
  await expectText(page, trap);
  const download = page.waitForEvent('download');
  await button(page, 'Download CSV').click();
  const saved = cellsOf(await readFile(await (await download).path(), 'utf8'));
  expect(saved.filter((cell) => FORMULA.test(cell))).toEqual([]);
  expect(saved).toEqual(expect.arrayContaining(cells.map((text) => `'${text}`)));

  await events.getByRole('listitem').filter({ hasText: 'renamed' }).getByText('Only this').click();
  await expect(page.getByText(`Token: ${words.newLabel} ×`)).toBeVisible();
  await expectText(page, trap);
  await button(page, `Remove the filter “Token: ${words.newLabel}”`).click();
}

/** The screens of an administrator that tell of other people. */
async function asAdministrator(page: Page, trap: Trap, host: Host): Promise<void> {
  const { label, newLabel, user, administrator, service, scimKey, dataSource } = words;
  await page.goto(`/#code=${await host.code(administrator)}`);
  await history(
    page,
    trap,
    [
      `${user} created “${label}”`,
      `${user} renamed “${label}” to “${newLabel}”`,
      `1 export ran with “${label}” of ${user}: ${dataSource}, from 203.0.113.7`,
      `added the export service ${service}`,
      `added the SCIM key ${scimKey}`,
      `deactivated the account of ${user}`,
    ],
    [label, newLabel, user, administrator],
  );
  const created = page.getByRole('listitem').filter({ hasText: `${user} created “${label}”` });
  await button(created, `Only ${user}`).click();
  await button(page, `Remove the filter “Person: ${user}”`).waitFor();
  await expectText(page, trap);

  await page.goto('/#/policy');
  await page.getByRole('checkbox', { name: 'Maximum expiry period' }).check();
  await page.getByLabel('days', { exact: true }).fill('30');
  const ending = page.getByRole('table', { name: 'Tokens that would end earlier' });
  await expect(ending.locator('.label')).toHaveText(newLabel);
  await expect(ending.getByRole('rowheader').locator('.help')).toHaveText(user);
  await expectText(page, trap);
  // Somebody of such a name is faster.
  await page.evaluate(async () => {
    const { version, ...policy } = await (await fetch('/v1/policy')).json();
    const headers = { 'content-type': 'application/json', 'if-match': `"${version}"` };
    const { automatic_expiration, maximum_expiry_days } = policy;
    const body = { automatic_expiration, maximum_expiry_days, maximum_active_tokens: 7 };
    await fetch('/v1/policy', { method: 'PUT', headers, body: JSON.stringify(body) });
  });
  await button(page, 'Save policy').click();
  await expect(page.getByRole('alert')).toContainText(`Now saved, by ${administrator}:`);
  await expectText(page, trap);
  await button(page, 'Go on with mine').click();
  await expect(page.getByText('Last changed')).toContainText(administrator);
  await expectText(page, trap);
}

// The policy is the organization's: it needs a host of its own.
test('hostile words are text on every screen', async ({ browser, ownHost: host }) => {
  const complaints: string[] = [];
  const owner = await unguarded(browser, host, complaints);
  const trap = await trapIn(owner);
  await host.addUser(words.user, 'user', words.displayName);
  await asOwner(owner, trap, host);
  // A host that stops writes the uses of the open minute.
  await (
    await host.goAway()
  )();
  await owner.reload();
  await history(
    owner,
    trap,
    [
      `${words.user} created “${words.label}”`,
      `“${words.lostLabel}” of ${words.user} was revoked, by the owner`,
      `1 export ran with “${words.label}” of ${words.user}: ${words.dataSource}, from`,
    ],
    [words.label, words.newLabel, words.lostLabel, words.user],
  );

  await host.operator('scim-key', 'add', words.scimKey);
  await host.operator('user', 'deactivate', words.user);
  await host.operator('user', 'reactivate', words.user);
  await host.addUser(words.administrator, 'administrator', words.displayName);
  const administrator = await unguarded(browser, host, complaints);
  const other = await trapIn(administrator);
  await asAdministrator(administrator, other, host);

  for (const one of [trap, other]) {
    await one.spring();
    await expect.poll(() => one.caught()).toEqual({ nElements: 1, nRuns: 1 });
  }
  const provoked = /401|400|412|net::ERR_CONNECTION_RESET/;
  expect(complaints.filter((one) => !provoked.test(one))).toEqual([]);
  await Promise.all([owner.context().close(), administrator.context().close()]);
});
