// That the parts of the platform that components use work here: base components, modals, toasts.
import type { Page } from '@playwright/test';
import { expect, look, somebody, test } from './test.ts';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const said = (page: Page) => page.locator('[data-id="said"]');

test.beforeEach(async ({ server, open }) => {
  const user = await somebody(server);
  await open({ user, component: 'harnessProbe', permission: 'Exportgate_Administrator' });
});

test("settings are the user's", async ({ page }) => {
  await expect(page.locator('[data-id="facts"]')).toHaveText(
    'Large Europe/Berlin true 005000000000001AAA',
  );
  // Midnight UTC in Berlin.
  await expect(page.getByText('May 01, 2027, 02:00 AM')).toBeVisible();
});

test('base components are accessible', async ({ page, options }) => {
  await look(page, `harness-${options.lws ?? 'plain'}`);
});

test('a row of a table has actions', async ({ page }) => {
  await expect(page.getByRole('grid').getByText('Übersicht')).toBeVisible();
  await page
    .getByRole('row', { name: /Power BI/ })
    .getByRole('button')
    .last()
    .click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await expect(said(page)).toHaveText('revoke Power BI');
});

test('a choice is made with the keyboard', async ({ page }) => {
  const choices = page.getByRole('combobox', { name: 'Status' });
  await choices.focus();
  await page.keyboard.press('Enter');
  await expect(choices).toHaveAttribute('aria-activedescendant', /-0-/);
  await page.keyboard.press('ArrowDown');
  await expect(choices).toHaveAttribute('aria-activedescendant', /-1-/);
  await page.keyboard.press('Enter');
  await expect(said(page)).toHaveText('chose expired');
});

test('a confirmation answers', async ({ page }) => {
  await press(page, 'Ask');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(said(page)).toHaveText('confirmed false');
  await press(page, 'Ask');
  await page.getByRole('alertdialog').getByRole('button', { name: 'OK' }).click();
  await expect(said(page)).toHaveText('confirmed true');
});

test('a modal stays while it saves, and answers', async ({ page, options }) => {
  await press(page, 'New');
  const modal = page.getByRole('dialog');
  await expect(modal.getByRole('textbox', { name: 'Label' })).toBeVisible();
  await page.screenshot({
    path: `../../target/screenshots/lightning-modal-${options.lws ?? 'plain'}.png`,
  });
  await modal.getByRole('button', { name: 'Save' }).click();
  await page.keyboard.press('Escape');
  await expect(modal).toBeVisible();
  await expect(said(page)).toHaveText('created Power BI');
  await expect(modal).toHaveCount(0);
});

test('a toast is shown', async ({ page }) => {
  await press(page, 'Toast');
  await expect(page.getByText('Token revoked')).toBeVisible();
});

test('a refusal is caught', async ({ page }) => {
  await press(page, 'Refuse');
  await expect(said(page)).toHaveText('500 token.not_found');
});

test('navigation is remembered', async ({ page }) => {
  await press(page, 'Go');
  const navigated = await page.evaluate(() =>
    JSON.stringify(
      (globalThis as never as { lightningPage: { navigated: unknown } }).lightningPage.navigated,
    ),
  );
  expect(JSON.parse(navigated)).toEqual([
    { reference: { type: 'standard__webPage', attributes: { url: '/history' } }, replace: false },
  ]);
});

test('the clipboard can be written', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await press(page, 'Copy');
  await expect(said(page)).toHaveText('copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('egt_secret');
});
