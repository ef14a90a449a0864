// The policy as an administrator sets it, with what it would do before the eyes.
import { expect, expectNoSideways, look, signedIn, test, tokenOf } from './test.ts';

test.use({ expected: [/412/] });

// Each of these needs an organization of its own.
test('an administrator previews, saves and applies the policy', async ({
  browser,
  ownHost: host,
}) => {
  const context = await browser.newContext({
    baseURL: host.url,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  await signedIn(page, host, 'boss', 'administrator');
  for (const label of ['For ever', 'Also for ever']) await tokenOf(page, label);
  await tokenOf(page, 'Soon over', {
    expires_on: new Date(Date.now() + 3 * 864e5).toISOString().slice(0, 10),
  });
  await tokenOf(page, 'Far away', {
    expires_on: new Date(Date.now() + 300 * 864e5).toISOString().slice(0, 10),
  });
  await page.getByRole('link', { name: 'Policy' }).click();
  await expect(
    page.getByText('No existing token would end earlier; there are 4 active tokens.'),
  ).toBeVisible();
  await page.getByRole('checkbox', { name: 'Maximum expiry period' }).check();
  await page.getByLabel('days', { exact: true }).fill('30');
  await expect(
    page.getByText('New tokens with a date expire at the latest 30 days after'),
  ).toBeVisible();
  await expect(page.getByText('3 of 4 active tokens would end earlier.')).toBeVisible();
  await page
    .getByRole('checkbox', { name: 'Automatic expiration of tokens without a date' })
    .check();
  await expect(page.getByText('Without a date they expire then.')).toBeVisible();
  await look(page, 'policy-preview');
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSideways(page);
  await look(page, 'policy-phone');
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.getByLabel('days', { exact: true }).fill('4000');
  await expect(page.getByText(/allowed are 1 to 3650/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save policy' })).toBeDisabled();
  await page.getByLabel('days', { exact: true }).fill('30');
  // Leaving asks first.
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stay here' }).click();
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText('The policy is saved.')).toBeVisible();

  await page.getByLabel('Notice in days').fill('40');
  await expect(page.getByText('None ends before 40 days have passed.')).toBeVisible();
  await page.getByRole('button', { name: 'Apply to 3 existing tokens …' }).click();
  await expect(page.getByRole('dialog')).toContainText('none before 40 days have passed');
  await look(page, 'policy-apply');
  await page.getByRole('dialog').getByRole('button', { name: 'Apply policy' }).click();
  await expect(page.getByText('3 tokens end earlier now.')).toBeVisible();

  // What the policy says now is what the form offers.
  await page.goto('/#/create');
  await expect(page.getByRole('radio', { name: /The longest allowed, 30 days/ })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'No expiry' })).toHaveCount(0);
  await page.getByLabel('Label').fill('Too late');
  await page.getByRole('radio', { name: 'Another date' }).check();
  await page.locator('#date').fill('2099-01-01');
  await expect(page.getByText('Your organization does not allow a date that late.')).toBeVisible();
  await context.close();
});

test('two administrators do not overwrite each other', async ({ browser, ownHost: host }) => {
  const context = await browser.newContext({ baseURL: host.url, locale: 'en-GB' });
  const page = await context.newPage();
  await signedIn(page, host, 'first', 'administrator', 'policy');
  const limit = page.getByLabel('active tokens', { exact: true });
  await expect(limit).toHaveValue('25');
  const other = await browser.newContext({ baseURL: host.url, locale: 'en-GB' });
  const otherPage = await other.newPage();
  await signedIn(otherPage, host, 'second', 'administrator', 'policy');
  await otherPage.getByLabel('active tokens', { exact: true }).fill('50');
  await otherPage.getByRole('button', { name: 'Save policy' }).click();
  await expect(otherPage.getByText('The policy is saved.')).toBeVisible();
  await limit.fill('10');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByRole('alert')).toContainText(
    'Somebody else changed the policy meanwhile.',
  );
  await expect(page.getByRole('alert')).toContainText(
    'Now saved, by second: New tokens may expire at any date, or never. A user may have at most 50',
  );
  await look(page, 'policy-conflict');
  await page.getByRole('button', { name: 'Go on with mine' }).click();
  await expect(page.getByText('Last changed', { exact: false })).toContainText('second');
  await page.getByRole('button', { name: 'Save policy' }).click();
  await expect(page.getByText('The policy is saved.')).toBeVisible();
  await other.close();
  await context.close();
});

test('a user without office is told so', async ({ page, host }) => {
  await signedIn(page, host, 'nobody', 'user', 'policy');
  await expect(page.getByText('Only administrators see and change the policy.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Policy' })).toHaveCount(0);
});
