// History and policy in Lightning, with proofs that the real core checks.
import { readFile } from 'node:fs/promises';
import { press, question } from './person.ts';
import { expect, look, somebody, test } from './test.ts';

test('the history is told and verified', async ({ page, server, open, options }) => {
  const name = options.lws ?? 'plain';
  const admin = somebody(server, 'administrator');
  const user = somebody(server);
  const validate = await server.host.exportService();
  const { secret } = await server.apex<{ secret: string }>(user, 'createToken', { label: 'Sales' });
  expect(await validate(secret)).toMatchObject({ decision: 'allow' });
  await open({ user: admin });
  await page.getByRole('tab', { name: 'History' }).click();
  await expect(page.getByText(`${user} created “Sales”`).first()).toBeVisible();
  await expect(
    page.getByText(/Exports from .* 1 allowed, 0 refused|[1-9]\d* allowed/),
  ).toBeVisible();
  await press(page, 'Verify');
  await expect(page.getByText('The history is intact')).toBeVisible();
  await expect(page.getByText(/events shown below are in it, exactly as shown/)).toBeVisible();
  await expect(page.getByText('This browser keeps the checkpoint.')).toBeVisible();
  await look(page, `history-${name}`);
  await server.apex(user, 'createToken', { label: 'Another' });
  await press(page, 'Verify');
  await expect(
    page.getByText(/Since you verified it on .* nothing was changed or removed/),
  ).toBeVisible();
});

test(
  'only one person is looked at, and the way back',
  { tag: '@once' },
  async ({ page, server, open }) => {
    const admin = somebody(server, 'administrator');
    const user = somebody(server);
    await server.apex(admin, 'createToken', { label: 'Own' });
    await server.apex(user, 'createToken', { label: 'Sales' });
    await open({ user: admin });
    await page.getByRole('tab', { name: 'History' }).click();
    const event = page.getByRole('listitem').filter({ hasText: `${user} created “Sales”` });
    await event.getByText('Details').click();
    await expect(event.getByText('Decided by engine')).toBeVisible();
    await event.getByRole('button', { name: `Only ${user}` }).click();
    await expect(page.getByText(`Person: ${user}`, { exact: true })).toBeVisible();
    await expect(
      page.getByRole('listitem').filter({ hasText: `${admin} created “Own”` }),
    ).toHaveCount(0);
  },
);

test('a user takes the own history home', async ({ page, server, open }) => {
  const user = somebody(server);
  await server.apex(user, 'createToken', { label: 'Sales' });
  await open({ user });
  await expect(page.getByRole('tab', { name: 'Policy' })).toHaveCount(0);
  await page.getByRole('tab', { name: 'History' }).click();
  await expect(page.getByText('created “Sales”')).toBeVisible();
  const download = page.waitForEvent('download');
  await press(page, 'Download CSV');
  const csv = await readFile(await (await download).path(), 'utf8');
  expect(csv).toMatch(/^sequence,/);
  expect(csv).toContain('token.created');
});

test('a policy is previewed, saved and applied', async ({ page, server, open, options }) => {
  const admin = somebody(server, 'administrator');
  const user = somebody(server);
  await server.apex(user, 'createToken', { label: `Long-lived of ${user}` });
  await open({ user: admin });
  await page.getByRole('tab', { name: 'Policy' }).click();
  const days = page.getByRole('spinbutton', { name: 'days', exact: true });
  const maximum = page.getByRole('checkbox', { name: 'Maximum expiry period' });
  if (!(await maximum.isChecked())) await page.getByText('Maximum expiry period').click();
  await days.fill('99999');
  await expect(page.getByText(/3650/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save policy' })).toBeDisabled();
  await look(page, `policy-mistake-${options.lws ?? 'plain'}`);
  await days.fill('30');
  await expect(page.getByText('at the latest 30 days after')).toBeVisible();
  await expect(page.getByRole('rowheader', { name: `Long-lived of ${user}` })).toBeVisible();
  await expect(page.getByText('Save the policy first')).toBeVisible();
  await press(page, 'Save policy');
  const apply = page.getByRole('button', { name: /^Apply to \d+ existing tokens? …$/ });
  await expect(apply).toBeVisible();
  await look(page, `policy-${options.lws ?? 'plain'}`);
  await apply.click();
  await expect(question(page)).toContainText('an expiry is never extended');
  await question(page).getByRole('button', { name: 'OK' }).click();
  await expect(page.getByText(/No existing token would end earlier/)).toBeVisible();
  const { items } = await server.apex<{ items: { expires_at: string | null }[] }>(
    user,
    'listTokens',
  );
  expect(items[0]?.expires_at).not.toBeNull();
});

test(
  'two administrators do not overwrite each other',
  { tag: '@once' },
  async ({ page, server, open }) => {
    const [first, second] = [somebody(server, 'administrator'), somebody(server, 'administrator')];
    await open({ user: first });
    await page.getByRole('tab', { name: 'Policy' }).click();
    const most = page.getByRole('spinbutton', { name: 'active tokens' });
    await most.fill('900');
    await expect(page.getByText('at most 900 active tokens')).toBeVisible();
    const policy = await server.apex<Record<string, unknown>>(second, 'getPolicy');
    await server.apex(second, 'changePolicy', {
      maximumExpiryDays: policy['maximum_expiry_days'],
      automaticExpiration: policy['automatic_expiration'],
      maximumActiveTokens: 800,
      version: policy['version'],
    });
    await press(page, 'Save policy');
    await expect(page.getByText('Somebody else changed the policy meanwhile.')).toBeVisible();
    await expect(page.getByText(`Now saved, by ${second}:`)).toBeVisible();
    await look(page, 'policy-conflict');
    await press(page, 'Take theirs');
    await expect(most).toHaveValue('800');
  },
);
