// The history as its readers see it, and as they verify it.
import { readFile } from 'node:fs/promises';
import { expect, look, signedIn, test, tokenOf } from './test.ts';

test('a person reads, filters, takes home and verifies the own history', async ({ page, host }) => {
  await signedIn(page, host, 'hanna');
  const ask = await host.exportService();
  const { token, secret } = await tokenOf(page, 'Read me');
  await ask(secret);
  await page.evaluate((id) => fetch(`/v1/tokens/${id}/revoke`, { method: 'POST' }), token.token_id);
  await ask(secret);
  // A host that stops writes the uses of the open minute.
  await (
    await host.goAway()
  )();
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('img', { name: /1 allowed, 1 refused/ })).toBeVisible();
  const events = page.getByRole('list', { name: 'History' });
  await expect(events).toContainText('hanna created “Read me”');
  await expect(events).toContainText('“Read me” of hanna was revoked, by the owner');
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByRole('heading', { name: 'The history is intact' })).toBeVisible();
  await expect(page.getByText(/events? shown below are in it, exactly as shown/)).toBeVisible();
  await expect(page.getByText('This browser keeps the checkpoint.')).toBeVisible();
  await expect(events.getByText('proven').first()).toBeVisible();
  await look(page, 'history-verified');

  // The next visit proves that nothing before it was changed.
  await tokenOf(page, 'Later');
  await page.reload();
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText(/nothing was changed or removed; [1-9]\d* were added/)).toBeVisible();

  await page.getByLabel('What').selectOption('token.created');
  await expect(events).not.toContainText('revoked');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const file = await (await download).path();
  const csv = await readFile(file, 'utf8');
  expect(csv.split('\r\n').filter((line) => line.includes('token.created'))).toHaveLength(2);
  expect(csv).not.toContain('token.revoked');
});

test('a changed event, a changed past and a forged checkpoint are noticed', async ({
  page,
  host,
}) => {
  await signedIn(page, host, 'eve', 'user', 'history');
  await expect(page.getByText('eve signed in')).toBeVisible();
  await page.route('**/v1/history', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({
      response: answer,
      body: (await answer.text()).replaceAll('"user_name":"eve"', '"user_name":"eva"'),
    });
  });
  let answer: () => void = () => undefined;
  const asked = new Promise<void>((go) => (answer = go));
  await page.route('**/v1/history?scope=own', async (route) => {
    // Verified is what is shown, also when it comes late.
    await asked;
    if (!(route.request().headers()['accept'] ?? '').includes('json')) return route.continue();
    const fetched = await route.fetch();
    await route.fulfill({
      response: fetched,
      body: (await fetched.text()).replaceAll('"user_name":"eve"', '"user_name":"eva"'),
    });
  });
  await page.reload();
  await page.getByRole('button', { name: 'Verify' }).click();
  answer();
  await expect(page.getByRole('heading', { name: 'The history cannot be proven' })).toBeVisible();
  await look(page, 'history-broken');
  await page.unrouteAll();

  await page.reload();
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByRole('heading', { name: 'The history is intact' })).toBeVisible();

  await page.route('**/v1/history/checkpoint', async (route) => {
    const body = await (await route.fetch()).json();
    const lines = body.checkpoint.split('\n');
    lines[1] = String(Number(lines[1]) + 1);
    await route.fulfill({ json: { ...body, checkpoint: lines.join('\n') } });
  });
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText('not signed by the host')).toBeVisible();
});

test('a browser that stores nothing for the page still verifies', async ({ page, host }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    });
  });
  await signedIn(page, host, 'blake', 'user', 'history');
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByRole('heading', { name: 'The history is intact' })).toBeVisible();
  await expect(page.getByText('does not let the page keep the checkpoint')).toBeVisible();
});

test('an administrator reads everybody, and narrows to one person', async ({
  page,
  host,
  browser,
}) => {
  const other = await browser.newContext({ baseURL: host.url });
  const otherPage = await other.newPage();
  await signedIn(otherPage, host, 'olga');
  const { secret } = await tokenOf(otherPage, 'Of Olga');
  const ask = await host.exportService();
  for (let n = 0; n < 12; n += 1) await ask(secret);
  await (
    await host.goAway()
  )();
  await signedIn(page, host, 'adam', 'administrator', 'history');
  const events = page.getByRole('list', { name: 'History' });
  await expect(events).toContainText('olga created “Of Olga”');
  await expect(events).toContainText('adam signed in');
  await expect(events).toContainText(
    '12 exports ran with “Of Olga” of olga: /odata/Accounts, from 203.0.113.7',
  );
  await look(page, 'history-all');
  await events
    .getByRole('listitem')
    .filter({ hasText: 'olga created' })
    .getByText('Details')
    .click();
  await page.getByRole('button', { name: 'Only olga' }).click();
  await expect(events).not.toContainText('adam signed in');
  await page.getByRole('button', { name: 'Remove the filter “Person: olga”' }).click();
  await expect(events).toContainText('adam signed in');
  await page.getByLabel('Whose').selectOption('own');
  await expect(events).not.toContainText('olga');
  await other.close();
});
