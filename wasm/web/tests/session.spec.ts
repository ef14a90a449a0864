// Sign-in, the session's end, and a host that is away or unclear.
import { expect, look, signedIn, test, tokenOf } from './test.ts';

test.use({ expected: [/401|412|50\d|Failed to load resource|net::ERR/] });

test('a code is typed in, a wrong one is explained, a used one is too', async ({ page, host }) => {
  await host.addUser('sam');
  const code = await host.code('sam');
  await page.goto('/');
  const field = page.getByLabel('One-time code or link');
  await expect(field).toBeFocused();
  await look(page, 'sign-in');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Type in the code first.')).toBeVisible();
  await field.fill('0000');
  await field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('This code is wrong, was used already');
  await look(page, 'sign-in-wrong');
  // The whole link may be pasted, too.
  await field.fill(` http://127.0.0.1/#code=${code} `);
  await field.press('Enter');
  await expect(page.getByRole('heading', { name: 'Access tokens' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(field).toBeFocused();
  await page.goto(`/#code=${code}`);
  await expect(page.getByRole('alert')).toContainText('was used already');
  expect(page.url()).not.toContain('code');
});

test('who is signed in is asked once, beside the words and not after them', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const question = page.waitForRequest('**/v1/me');
  await page.route(/\/assets\/en-[^/]*\.js$/, async (route) => {
    await question;
    await route.continue();
  });
  await page.goto('/');
  await expect(page.getByLabel('One-time code or link')).toBeFocused();
  expect(asked.filter((path) => path === '/v1/me')).toHaveLength(1);
  // Who signs people in is asked at the same time.
  expect(asked.filter((path) => path === '/v1/sign-in')).toHaveLength(1);
  expect(asked.indexOf('/v1/sign-in')).toBe(asked.indexOf('/v1/me') + 1);
  expect(asked.filter((path) => /\/assets\/en-/.test(path))).toHaveLength(1);
});

test('a session that ran out brings the person back to what was typed', async ({ page, host }) => {
  await signedIn(page, host, 'nora', 'user', 'create');
  await page.getByLabel('Label').fill('Typed before');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Create token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in' });
  await expect(dialog).toContainText('Your session is over.');
  await look(page, 'session-over');
  await dialog.getByLabel('One-time code or link').fill(await host.code('nora'));
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(
    page.getByText('Nothing was changed so far: press the button once more.'),
  ).toBeVisible();
  await expect(page.getByLabel('Label')).toHaveValue('Typed before');
  const list = await page.evaluate(async () => (await fetch('/v1/tokens')).json());
  expect(list.n_active).toBe(0);
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByRole('heading', { name: 'Token created' })).toBeVisible();
});

test('after a creation without an answer, the lost token is found and revoked', async ({
  page,
  host,
}) => {
  await signedIn(page, host, 'lou', 'user', 'create');
  await page.route('**/v1/tokens', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    // The host creates it; the answer never arrives.
    await route.fetch();
    await route.abort('connectionreset');
  });
  await page.getByLabel('Label').fill('Lost one');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByRole('alert')).toContainText('whose secret nobody has seen');
  await page.getByRole('button', { name: 'Look for it now' }).click();
  await expect(page.getByText('Nobody has seen its secret; revoke it.')).toBeVisible();
  await look(page, 'creation-unknown');
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
  await expect(page.getByText('There is no such token now.')).toBeVisible();
  const list = await page.evaluate(async () => (await fetch('/v1/tokens')).json());
  expect(list).toMatchObject({ n_active: 0 });
});

test('a host that cannot store says so, and nothing was created', async ({ page, host }) => {
  await signedIn(page, host, 'stig', 'user', 'create');
  await page.route('**/v1/tokens', (route) =>
    route.request().method() !== 'POST'
      ? route.continue()
      : route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            status: 503,
            code: 'store.unavailable',
            detail: 'x',
            request_id: 'r-1',
          }),
        }),
  );
  await page.getByLabel('Label').fill('Not stored');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByRole('alert')).toContainText('Nothing was changed.');
  await expect(page.getByText('nobody has seen')).toHaveCount(0);
});

test('a host that is slow is waited for, with a word, and asked once', async ({ page, host }) => {
  await signedIn(page, host, 'sven', 'user', 'create');
  let answer: () => void = () => undefined;
  const slow = new Promise<void>((go) => (answer = go));
  let nAsked = 0;
  await page.route('**/v1/tokens', async (route) => {
    if (route.request().method() === 'POST') {
      nAsked += 1;
      await slow;
    }
    await route.continue();
  });
  await page.getByLabel('Label').fill('Slowly');
  await page.getByRole('button', { name: 'Create token' }).click();
  const waiting = page.getByRole('button', { name: 'One moment …' });
  await expect(waiting).toBeVisible();
  // By force: Playwright itself waits for a button that says it is disabled.
  await waiting.click({ force: true });
  answer();
  await expect(page.getByLabel('Secret')).toHaveValue(/^egt_/);
  expect(nAsked).toBe(1);
});

test('a host that is away is waited for', async ({ page, host }) => {
  await signedIn(page, host, 'wim');
  await tokenOf(page, 'Stays');
  const comeBack = await host.goAway();
  await page.getByLabel('Status').selectOption('active');
  await expect(page.getByRole('alert')).toContainText(/cannot be reached|answered in its place/);
  await look(page, 'host-away');
  await comeBack();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('row', { name: /Stays/ })).toBeVisible();
});

test('German for whom it comes first, and the clock of the browser does not matter', async ({
  browser,
  host,
}) => {
  const context = await browser.newContext({
    locale: 'de-DE',
    baseURL: host.url,
    timezoneId: 'Asia/Tokyo',
  });
  const page = await context.newPage();
  // Ten days late.
  await page.clock.install({ time: new Date(Date.now() - 864e6) });
  await page.clock.resume();
  await signedIn(page, host, 'uwe', 'user', 'create');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('radio', { name: /^7 Tage/ })).toBeVisible();
  const day = new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(Date.now() + 7 * 864e5),
  );
  await expect(page.getByText(`bis einschließlich ${day} (UTC)`)).toBeVisible();
  await look(page, 'create-german');
  await tokenOf(page, 'Vertriebsübersicht');
  await page.goto('/#/tokens');
  await expect(page.getByRole('row', { name: /Vertriebsübersicht/ })).toBeVisible();
  await look(page, 'tokens-german');
  await context.close();
});
