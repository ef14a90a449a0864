// The life of a token, as a person lives it.
import { expect, expectNoSideways, look, signedIn, test, tokenOf } from './test.ts';

test('a person creates, copies, uses and revokes a token', async ({ page, host, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signedIn(page, host, 'zoe');
  expect(new URL(page.url()).hash).toBe('');
  await expect(page.getByRole('heading', { name: 'No tokens yet' })).toBeVisible();
  await look(page, 'tokens-empty');
  await page.getByRole('link', { name: 'Create the first token' }).click();

  await expect(page.getByRole('radio', { name: '90 days' })).toBeChecked();
  await page.getByLabel('Label').fill('Sales dashboard');
  await expect(page.getByText(/It will expire in 3 months/)).toBeVisible();
  await look(page, 'create');
  await page.getByRole('button', { name: 'Create token' }).click();

  await expect(page.getByRole('heading', { name: 'Token created' })).toBeFocused();
  await look(page, 'secret');
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue();
  expect(secret).toMatch(/^egt_[0-9A-Za-z]{38}$/);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Copied. Now paste it into Power BI.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  const ask = await host.exportService();
  expect(await ask(secret)).toMatchObject({ decision: 'allow' });

  await page.getByRole('link', { name: 'Done' }).click();
  const row = page.getByRole('row', { name: /Sales dashboard/ });
  await expect(row).toContainText('Active');
  await expect(row.getByRole('img', { name: '1 export in 28 days' })).toBeVisible();
  expect(await page.content()).not.toContain(secret);
  await look(page, 'tokens');

  await row.getByRole('button', { name: 'Rename Sales dashboard' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Label').fill('   ');
  await expect(dialog.getByText('Give the token a label.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Rename' })).toBeDisabled();
  await look(page, 'rename');
  await dialog.getByLabel('Label').fill('Sales desktop');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('row', { name: /Sales desktop/ })).toBeVisible();

  await page.getByRole('button', { name: 'Revoke Sales desktop' }).click();
  await expect(dialog).toContainText('the next refresh in Power BI fails');
  await look(page, 'revoke');
  await dialog.getByRole('button', { name: 'Revoke token' }).click();
  await expect(page.getByRole('row', { name: /Sales desktop/ })).toContainText('Revoked');
  expect(await ask(secret)).toMatchObject({ decision: 'deny', reason: 'revoked' });
});

test('a secret that was not copied is not lost without a word, and never shown again', async ({
  page,
  host,
}) => {
  await signedIn(page, host, 'vera', 'user', 'create');
  await page.getByLabel('Label').fill('Not copied');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByText('Not copied yet.')).toBeVisible();
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue();
  await page.getByRole('link', { name: 'Done' }).click();
  const dialog = page.getByRole('dialog', { name: 'Leave without copying the secret?' });
  await dialog.getByRole('button', { name: 'Stay here' }).click();
  await expect(page).toHaveURL(/#\/create$/);
  await expect(page.getByLabel('Secret', { exact: true })).toHaveValue(secret);
  // The browser itself warns before it loads anew.
  const warned = page.waitForEvent('dialog');
  const reload = page.reload();
  const warning = await warned;
  expect(warning.type()).toBe('beforeunload');
  await warning.accept();
  await reload;
  await expect(page.getByRole('heading', { name: 'New token' })).toBeVisible();
  await page.goBack();
  expect(await page.content()).not.toContain(secret);
});

test('a double click makes one token', async ({ page, host }) => {
  await signedIn(page, host, 'dora', 'user', 'create');
  await page.getByLabel('Label').fill('Twice');
  await page.route('**/v1/tokens', async (route) => {
    await new Promise((later) => setTimeout(later, 300));
    await route.continue();
  });
  await page.getByRole('button', { name: 'Create token' }).dblclick();
  await expect(page.getByRole('heading', { name: 'Token created' })).toBeVisible();
  const list = await page.evaluate(async () => (await fetch('/v1/tokens')).json());
  expect(list.n_active).toBe(1);
});

test('everything about a new token goes by the keyboard alone', async ({ page, host }) => {
  await signedIn(page, host, 'kai');
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const tabTo = async (name: string | RegExp, role: 'link' | 'button' | 'textbox') => {
    const wanted = page.getByRole(role, { name, exact: true }).first();
    for (let steps = 0; steps < 25; steps += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await press('Tab');
    }
    throw new Error(`the keyboard does not reach ${name}`);
  };
  await tabTo('New token', 'link');
  await press('Enter');
  await expect(page.getByLabel('Label')).toBeFocused();
  await page.keyboard.type('By keyboard');
  await press('Tab', 'ArrowUp');
  await expect(page.getByRole('radio', { name: '30 days' })).toBeChecked();
  await tabTo('Create token', 'button');
  await press('Enter');
  await expect(page.getByRole('heading', { name: 'Token created' })).toBeFocused();
  await tabTo('Copy', 'button');
  await press('Enter');
  await tabTo('Done', 'link');
  await press('Enter');
  // Without the right to copy, the page asks; with it, it does not.
  const leave = page.getByRole('button', { name: 'Leave without it' });
  const listed = page.getByRole('row', { name: /By keyboard/ });
  await expect(leave.or(listed)).toBeVisible();
  if (await leave.isVisible()) await leave.press('Enter');
  await expect(listed).toBeVisible();
});

test('tokens are found, and revoked all at once after typing their number', async ({
  page,
  host,
}) => {
  await signedIn(page, host, 'rita');
  for (const label of ['Alpha', 'Beta', 'Beta two']) await tokenOf(page, label);
  await page.reload();
  await expect(page.getByText('3 active tokens')).toBeVisible();
  await page.getByLabel('Find by label').fill('beta');
  await expect(page.getByRole('row', { name: /Alpha/ })).toHaveCount(0);
  await expect(page.getByRole('row', { name: /Beta/ })).toHaveCount(2);
  await page.getByLabel('Status').selectOption('revoked');
  await expect(page.getByText('No token matches the filter.')).toBeVisible();
  await page.getByRole('button', { name: 'Show all tokens' }).click();
  await page.getByRole('button', { name: 'Revoke all …' }).click();
  const dialog = page.getByRole('dialog');
  const confirm = dialog.getByRole('button', { name: 'Revoke all' });
  await expect(confirm).toBeDisabled();
  await look(page, 'revoke-all');
  await dialog.getByLabel('Type 3 to confirm').fill('2');
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel('Type 3 to confirm').fill('3');
  await confirm.click();
  await expect(page.getByText('0 active tokens')).toBeVisible();
  await expect(page.getByRole('cell', { name: 'Revoked' })).toHaveCount(3);
});

test('a secret that is pasted where a label belongs is recognised and stays in the browser', async ({
  page,
  host,
}) => {
  await signedIn(page, host, 'paul');
  const { secret } = await tokenOf(page, 'Known one');
  await page.reload();
  await expect(page.getByRole('row', { name: /Known one/ })).toBeVisible();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.getByLabel('Find by label').fill(secret);
  await expect(page.getByText(/like “Known one” in the list/)).toBeVisible();
  await page
    .getByLabel('Find by label')
    .fill(`${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`);
  await expect(page.getByText('It is mistyped or cut')).toBeVisible();
  await page.waitForTimeout(500);
  expect(asked.filter((url) => url.includes('egt_'))).toEqual([]);
});

test('a date is judged while it is chosen', async ({ page, host }) => {
  await signedIn(page, host, 'dana', 'user', 'create');
  await page.getByLabel('Label').fill('x'.repeat(81));
  await expect(page.getByText('longer than 80 characters')).toBeVisible();
  await page.getByLabel('Label').fill('Dated');
  await page.getByRole('radio', { name: 'Another date' }).check();
  await page.locator('#date').fill('2020-01-01');
  await expect(page.getByText('The expiry must lie in the future.')).toBeVisible();
  await look(page, 'create-mistake');
  await page.locator('#date').fill('2099-01-01');
  await expect(page.getByText(/2 Jan 2099, 01:00.*2 Jan 2099, 00:00 UTC/)).toBeVisible();
});

test('a long list loads as one scrolls, and nothing sticks out on a phone', async ({
  page,
  host,
}) => {
  await signedIn(page, host, 'lena', 'administrator');
  await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json', 'if-match': '"1"' };
    const body = JSON.stringify({
      maximum_expiry_days: null,
      automatic_expiration: false,
      maximum_active_tokens: null,
    });
    await fetch('/v1/policy', { method: 'PUT', headers, body });
    const one = (n: number) =>
      fetch('/v1/tokens', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ label: `Token ${n}` }),
      });
    await Promise.all(Array.from({ length: 120 }, (_, n) => one(n)));
  });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.reload();
  await expect(page.getByText('120 active tokens')).toBeVisible();
  await expect(page.locator('tbody tr')).toHaveCount(50);
  await look(page, 'tokens-phone');
  await expect(async () => {
    await page.mouse.wheel(0, 20_000);
    expect(await page.locator('tbody tr').count()).toBe(120);
  }).toPass();
  // Rows that were out of sight are there for the keyboard.
  const rows = page.locator('tbody tr');
  await rows.nth(49).locator('.danger').focus();
  await page.keyboard.press('Tab');
  await expect(rows.nth(50).locator('.rename')).toBeFocused();
  await expect(rows.nth(50).locator('.rename')).toBeInViewport();
  for (const path of ['history', 'policy', 'tokens']) {
    await page.goto(`/#/${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    await expect(page.getByText('Loading …')).toHaveCount(0);
    await expectNoSideways(page);
    await page.screenshot({ path: `../../target/screenshots/${path}-phone.png` });
  }
});
