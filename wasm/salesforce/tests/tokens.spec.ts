// Tokens in Lightning: with the real base components, in Lightning Web Security's modes, against the
// real host.
import { act, copy, create, modal, press, question, row } from './person.ts';
import { expect, expectNoSideways, look, somebody, test } from './test.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

test('the core runs in the form that the platform lets it have', async ({
  page,
  server,
  open,
  options,
}) => {
  await open({ user: somebody(server) });
  const form = options.lws === 'maximum' ? 'plain' : 'wasm';
  await expect(page.locator(`[data-core=${form}]`)).toBeVisible();
  // Under Lightning Web Security what a script puts on its global is not the page's.
  const ofPage = await page.evaluate(
    () => (globalThis as { exportgateCore?: { form: string } }).exportgateCore?.form,
  );
  expect(ofPage).toBe(options.lws === undefined ? 'wasm' : undefined);
});

test('a person creates a token, exports with it and revokes it', async ({
  page,
  server,
  open,
  options,
}) => {
  const name = options.lws ?? 'plain';
  const validate = await server.host.exportService();
  await open({ user: somebody(server) });
  await expect(page.getByText('Create one for each place that uses it')).toBeVisible();
  await look(page, `tokens-empty-${name}`);

  await press(page, 'New token');
  await expect(modal(page).getByText('It will expire')).toBeVisible();
  await look(page, `create-${name}`);
  await modal(page).getByRole('textbox', { name: 'Label' }).fill('x'.repeat(81));
  await expect(modal(page).getByText('The label is longer than 80 characters.')).toBeVisible();
  await look(page, `create-mistake-${name}`);
  await press(page, 'Cancel');

  const secret = await create(page, 'Sales dashboard');
  await look(page, `secret-${name}`);
  await copy(page);
  if (options.lws === undefined) {
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  }
  await expect(row(page, 'Sales dashboard')).toContainText('Active');
  await expect(row(page, 'Sales dashboard')).toContainText(`…${secret.slice(32, 36)}`);
  expect(await validate(secret)).toMatchObject({ decision: 'allow' });

  await act(page, 'Sales dashboard', 'Revoke');
  await expect(question(page)).toContainText('stops working at once');
  await look(page, `revoke-${name}`);
  await question(page).getByRole('button', { name: 'OK' }).click();
  await expect(row(page, 'Sales dashboard')).toContainText('Revoked');
  expect(await validate(secret)).toMatchObject({ decision: 'deny', reason: 'revoked' });
  await look(page, `tokens-${name}`);
});

test('who leaves without a copy is asked first', async ({ page, server, open }) => {
  await open({ user: somebody(server) });
  await create(page, 'Sales');
  await page.keyboard.press('Escape');
  await expect(modal(page)).toBeVisible();
  await press(page, 'Done');
  await expect(modal(page).getByText('Leave without copying the secret?')).toBeVisible();
  await press(page, 'Stay here');
  await press(page, 'Done');
  await press(page, 'Leave without it');
  await expect(modal(page)).toHaveCount(0);
  await expect(row(page, 'Sales')).toContainText('Active');
});

test('a label with markup is text', async ({ page, server, open }) => {
  await open({ user: somebody(server) });
  await create(page, '<img src=x onerror=alert(1)>');
  await copy(page);
  await expect(row(page, '<img src=x onerror=alert(1)>')).toBeVisible();
});

test('a token is renamed', async ({ page, server, open }) => {
  const user = somebody(server);
  await server.apex(user, 'createToken', { label: 'Old' });
  await open({ user });
  await act(page, 'Old', 'Rename');
  const label = modal(page).getByRole('textbox', { name: 'Label' });
  await expect(label).toHaveValue('Old');
  await label.fill('New');
  await press(page, 'Rename');
  await expect(row(page, 'New')).toBeVisible();
});

test('all are revoked once the count is typed', async ({ page, server, open }) => {
  const user = somebody(server);
  for (const label of ['a', 'b', 'c']) await server.apex(user, 'createToken', { label });
  await open({ user });
  await press(page, 'Revoke all …');
  await modal(page).getByRole('textbox').fill('2');
  await expect(modal(page).getByRole('button', { name: 'Revoke all' })).toBeDisabled();
  await modal(page).getByRole('textbox').fill('3');
  await modal(page).getByRole('button', { name: 'Revoke all' }).click();
  await expect(page.getByText('0 active tokens')).toBeVisible();
  await expect(page.getByRole('grid').getByText('Revoked')).toHaveCount(3);
});

test(
  'a list is found in, sorted and scrolled',
  { tag: '@once' },
  async ({ page, server, open }) => {
    const admin = somebody(server, 'administrator');
    const { version } = await server.apex<{ version: number }>(admin, 'getPolicy');
    await server.apex(admin, 'changePolicy', {
      maximumExpiryDays: null,
      automaticExpiration: false,
      maximumActiveTokens: 1000,
      version,
    });
    const user = somebody(server);
    for (let n = 1; n <= 120; n += 1) {
      await server.apex(user, 'createToken', { label: `Report ${String(n).padStart(3, '0')}` });
    }
    await open({ user });
    await expect(page.getByText('120 active tokens')).toBeVisible();
    await page.getByRole('searchbox').fill('Report 007');
    await expect(page.getByRole('grid').locator('tbody tr')).toHaveCount(1);
    await page.getByRole('searchbox').fill('');
    await expect(page.getByRole('grid').locator('tbody tr')).toHaveCount(50);
    // Sorted is the whole list, also what was not loaded yet.
    await page.getByRole('columnheader', { name: 'Label' }).getByRole('button').first().click();
    await expect(page.getByRole('grid').locator('tbody tr')).toHaveCount(120);
    await expect(page.getByRole('grid').locator('tbody tr').first()).toContainText('Report 001');
  },
);

test(
  'everything can be done with the keyboard',
  { tag: '@once' },
  async ({ page, server, open }) => {
    await open({ user: somebody(server) });
    const tabTo = async (role: 'button' | 'textbox', name: string) => {
      const target = page.getByRole(role, { name, exact: true });
      for (let n = 0; n < 40; n += 1) {
        if ((await target.and(page.locator(':focus')).count()) > 0) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`the keyboard does not get to ${name}`);
    };
    await expect(page.getByText('No tokens yet')).toBeVisible();
    await tabTo('button', 'New token');
    await page.keyboard.press('Enter');
    await expect(modal(page).getByText('It will expire')).toBeVisible();
    await tabTo('textbox', 'Label');
    await page.keyboard.type('By keyboard');
    await tabTo('button', 'Create token');
    await page.keyboard.press('Enter');
    // The keyboard is on the button that copies.
    await expect(modal(page).getByRole('button', { name: 'Copy' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(modal(page).getByText('Copied.')).toBeVisible();
    await tabTo('button', 'Done');
    await page.keyboard.press('Enter');
    await expect(row(page, 'By keyboard')).toBeVisible();
  },
);

test(
  'a phone shows it without scrolling sideways',
  { tag: '@once' },
  async ({ page, server, open }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    const user = somebody(server);
    await server.apex(user, 'createToken', { label: 'Sales dashboard of the whole company' });
    await open({ user, formFactor: 'Small' });
    await expect(page.getByText('1 active token')).toBeVisible();
    await expectNoSideways(page);
    await look(page, 'tokens-phone');
    await press(page, 'Revoke');
    await question(page).getByRole('button', { name: 'OK' }).click();
    await expect(page.getByRole('listitem').getByText('Revoked')).toBeVisible();
    await page.getByRole('tab', { name: 'History' }).click();
    await expect(page.getByText('was revoked, by the owner')).toBeVisible();
    await expectNoSideways(page);
    await look(page, 'history-phone');
  },
);

test('a German sees German', { tag: '@once' }, async ({ page, server, open }) => {
  const user = somebody(server, 'administrator');
  await server.apex(user, 'createToken', { label: 'Umsatz', expiresOn: '2099-03-31' });
  await open({ user, language: 'de' });
  await expect(page.getByRole('row', { name: 'Umsatz' })).toContainText('Aktiv');
  await expect(page.getByRole('row', { name: 'Umsatz' })).toContainText('01.04.2099, 02:00');
  await look(page, 'tokens-german');
  await page.getByRole('tab', { name: 'Richtlinie' }).click();
  await expect(page.getByText('Neue Token dürfen')).toBeVisible();
  await look(page, 'policy-german');
});
