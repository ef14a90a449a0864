// Sign-in with a real OpenID provider, from the button to the end of the session, and all that can go
// wrong on the way there and back.
import type { Browser, Page } from '@playwright/test';
import { Host } from './host.ts';
import { OpenIdProvider, sayWho, signOutThere } from './provider.ts';
import { expect, look, test as base, tokenOf } from './test.ts';

const ADMINISTRATORS = 'exportgate-administrators';
/** The organization that the second provider's people may come from. */
const ADMITTED = '7c1d9a3e-0000-4000-8000-00000000acde';
const SALESFORCE_ORG = '00D5g000000AbCdEAK';
const CALLBACK = /\/v1\/sign-in\/oidc\/callback/;

interface Everybody {
  /** Listed as Acme; knows the host's secret; its claims are to be asked for. */
  provider: OpenIdProvider;
  /** Not listed; for a public client, many organizations, and with claims in the ID token. */
  tenants: OpenIdProvider;
  /** Not listed; with claims as Salesforce gives them. */
  salesforce: OpenIdProvider;
}

const test = base.extend<object, Everybody>({
  provider: [opened({ secret: true }), { scope: 'worker' }],
  tenants: [opened({ name: 'tenants', claimsInIdToken: true }), { scope: 'worker' }],
  salesforce: [opened({ name: 'salesforce', secret: true }), { scope: 'worker' }],
  host: [
    async ({ provider, tenants, salesforce }, use) => {
      const host = await Host.start(async (folder) =>
        [
          await provider.configuration(
            folder,
            'Acme',
            `org_id = "default"
            role_claim = "groups"
            administrators = ["${ADMINISTRATORS}"]`,
          ),
          await tenants.configuration(
            folder,
            'Tenants',
            `organization_claim = "tid"
            organizations = { "${ADMITTED}" = "default" }
            listed = false`,
          ),
          await salesforce.configuration(
            folder,
            'Salesforce',
            `organization_claim = "organization_id"
            organizations = { "${SALESFORCE_ORG}" = "default" }
            role_claim = "/custom_attributes/exportgate"
            administrators = ["administrator"]
            listed = false`,
          ),
        ].join('\n'),
      );
      for (const one of [provider, tenants, salesforce]) one.know(host);
      await use(host);
      await host.stop();
    },
    { scope: 'worker' },
  ],
});

function opened(wishes: Parameters<typeof OpenIdProvider.open>[0]) {
  return async ({}, use: (provider: OpenIdProvider) => Promise<void>) => {
    const provider = await OpenIdProvider.open(wishes);
    await use(provider);
    await provider.close();
  };
}

// Whom else the page asks here is the provider; and 401 is what a session's end looks like.
test.use({
  expected: [/^asked http:\/\/localhost:\d+$|401|Failed to load resource|net::ERR/],
});

const withAcme = (page: Page) => page.getByRole('link', { name: 'Sign in with Acme' });
const isSignedIn = (page: Page) =>
  expect(page.getByRole('heading', { name: 'Access tokens' })).toBeVisible();
const status = (page: Page, path: string) =>
  page.evaluate(async (path) => (await fetch(path)).status, path);

async function signIn(page: Page, account: string): Promise<void> {
  await page.goto('/');
  await withAcme(page).click();
  await sayWho(page, account);
}

/** Has an account there, and signs in with the button. */
async function comeIn(page: Page, provider: OpenIdProvider, name: string, claims = {}) {
  provider.accounts.set(name, { preferred_username: name, ...claims });
  await signIn(page, name);
  await isSignedIn(page);
}

/** Signs out at the provider alone; its logout token was answered before it says so. */
async function leaveProvider(page: Page, provider: OpenIdProvider): Promise<void> {
  await page.goto(`${provider.issuer}/session/end`);
  await signOutThere(page);
  await expect(page.getByRole('heading', { name: 'Signed out at the provider' })).toBeVisible();
}

/** Forgets who was signed in, at the host and at the provider, as another browser would. */
async function startAnew(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto('/');
}

async function isRefused(page: Page, words: string): Promise<void> {
  await expect(page.getByRole('alert')).toContainText(words);
  await expect(page.getByRole('alert')).toContainText(/Number for the operator: \S+/);
  await expect(page).toHaveURL(/\/(#\/.*)?$/);
  expect(await status(page, '/v1/me')).toBe(401);
}

/** The address that the provider would send the browser to. */
async function callbackOf(page: Page, provider: OpenIdProvider, name: string): Promise<string> {
  provider.accounts.set(name, { preferred_username: name });
  provider.holdsBack = true;
  try {
    await signIn(page, name);
    const back = page.getByRole('link', { name: 'Back' });
    return (await back.getAttribute('href')) ?? '';
  } finally {
    provider.holdsBack = false;
  }
}

async function anotherBrowser(browser: Browser, host: Host): Promise<Page> {
  const context = await browser.newContext({ baseURL: host.url, locale: 'en-GB' });
  return context.newPage();
}

test('the button signs in, back to where the person was, and to the own tokens', async ({
  page,
  provider,
}) => {
  provider.accounts.set('ada', { preferred_username: 'ada@acme.example', name: 'Ada Lovelace' });
  provider.accounts.set('bob', { preferred_username: 'bob@acme.example', name: 'Bob' });
  await page.goto('/#/create');
  await withAcme(page).click();
  await sayWho(page, 'ada');
  await expect(page.getByRole('heading', { name: 'New token' })).toBeVisible();
  await expect(page).toHaveURL(/\/#\/create$/);
  await expect(page.getByTitle('ada@acme.example')).toHaveText('Ada Lovelace');
  await tokenOf(page, 'Of Ada alone');

  await startAnew(page);
  await signIn(page, 'bob');
  await isSignedIn(page);
  await expect(page.getByRole('heading', { name: 'No tokens yet' })).toBeVisible();

  await startAnew(page);
  await signIn(page, 'ada');
  await expect(page.getByRole('row', { name: /Of Ada alone/ })).toBeVisible();
});

test('the role follows the group at each sign-in', async ({ page, provider }) => {
  await comeIn(page, provider, 'greta', { groups: ['staff', ADMINISTRATORS] });
  await page.getByRole('link', { name: 'Policy' }).click();
  await expect(page.getByRole('checkbox', { name: 'Maximum expiry period' })).toBeVisible();

  await startAnew(page);
  await comeIn(page, provider, 'greta', { groups: ['staff'] });
  await expect(page.getByRole('link', { name: 'Policy' })).toHaveCount(0);
  expect(await status(page, '/v1/history?scope=all')).toBe(403);
});

test('signing out ends the session at the provider, too, and comes back', async ({
  page,
  host,
  provider,
}) => {
  await comeIn(page, provider, 'olga');
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${provider.issuer}/session/end?**`);
  await signOutThere(page);
  await expect(withAcme(page)).toBeVisible();
  await expect(page).toHaveURL(`${host.url}/`);
  expect(await status(page, '/v1/me')).toBe(401);
  // The provider has to ask again who it is.
  await withAcme(page).click();
  await expect(page.getByLabel('Name')).toBeVisible();
});

test('whoever does not end the session at the provider is signed out here all the same', async ({
  page,
  host,
  provider,
}) => {
  await comeIn(page, provider, 'otto');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${provider.issuer}/session/end?**`);
  // Back by the browser's own button, which may bring the page as it was.
  await page.goBack();
  await expect(withAcme(page)).toBeVisible();
  await expect(page).toHaveURL(`${host.url}/`);
  expect(await status(page, '/v1/me')).toBe(401);
});

test('signing out at the provider ends the session here, and nothing typed is lost', async ({
  page,
  provider,
}) => {
  await comeIn(page, provider, 'bea');
  await page.goto('/#/create');
  await page.getByLabel('Label').fill('Typed before');

  await leaveProvider(await page.context().newPage(), provider);

  await page.getByRole('button', { name: 'Create token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in' });
  await expect(dialog).toContainText('Your session is over.');
  await look(page, 'session-over-provider');
  const opened = page.context().waitForEvent('page');
  await withAcme(page).click();
  const tab = await opened;
  await sayWho(tab, 'bea');
  await isSignedIn(tab);
  // This tab goes on by itself.
  await expect(dialog).toHaveCount(0);
  await expect(
    page.getByText('Nothing was changed so far: press the button once more.'),
  ).toBeVisible();
  await expect(page.getByLabel('Label')).toHaveValue('Typed before');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByRole('heading', { name: 'Token created' })).toBeVisible();
});

test('only the session that the provider ended is over', async ({
  page,
  browser,
  host,
  provider,
}) => {
  // The same person in two browsers: only the session that was ended ends.
  const other = await anotherBrowser(browser, host);
  for (const one of [page, other]) await comeIn(one, provider, 'rita');
  await leaveProvider(page, provider);
  await page.goto('/');
  await expect(withAcme(page)).toBeVisible();
  expect(await status(other, '/v1/me')).toBe(200);
  await other.context().close();
});

test('the provider changes its keys, and people go on signing in', async ({ page, provider }) => {
  await comeIn(page, provider, 'kim');
  provider.rotateKeys();
  await startAnew(page);
  await comeIn(page, provider, 'kim');
  // Logout tokens are signed with the new key, too.
  await leaveProvider(await page.context().newPage(), provider);
  expect(await status(page, '/v1/me')).toBe(401);
});

test('only people of an admitted organization come in', async ({ page, tenants }) => {
  tenants.accounts.set('ines', { preferred_username: 'ines', tid: ADMITTED });
  tenants.accounts.set('ivan', { preferred_username: 'ivan', tid: `${ADMITTED}0` });
  tenants.accounts.set('iris', { preferred_username: 'iris' });
  for (const stranger of ['ivan', 'iris']) {
    await page.goto('/v1/sign-in/oidc/tenants');
    await sayWho(page, stranger);
    await isRefused(page, 'this account may not use Exportgate');
    await startAnew(page);
  }
  await page.goto('/v1/sign-in/oidc/tenants');
  await sayWho(page, 'ines');
  await isSignedIn(page);
});

test('claims in the form of Salesforce give organization and role', async ({
  page,
  salesforce,
}) => {
  const claims = {
    preferred_username: 'sue@acme.example',
    name: 'Sue',
    active: true,
    updated_at: '2026-10-20T07:44:12Z',
    utcOffset: -28_800_000,
    photos: { picture: 'https://acme.file.force.com/profilephoto/005/F' },
    custom_attributes: { exportgate: 'administrator' },
  };
  salesforce.accounts.set('sue', { ...claims, organization_id: SALESFORCE_ORG });
  salesforce.accounts.set('sam', { ...claims, organization_id: '00D5g000000XxXxEAK' });
  await page.goto('/v1/sign-in/oidc/salesforce');
  await sayWho(page, 'sam');
  await isRefused(page, 'this account may not use Exportgate');
  await startAnew(page);
  await page.goto('/v1/sign-in/oidc/salesforce');
  await sayWho(page, 'sue');
  await expect(page.getByRole('link', { name: 'Policy' })).toBeVisible();
});

test('a provider that is away is told, and a code still signs in', async ({ browser }) => {
  // This host has never spoken to its provider.
  const provider = await OpenIdProvider.open();
  const comeBack = await provider.goAway();
  const host = await Host.start((folder) =>
    provider.configuration(folder, 'Acme', 'org_id = "default"'),
  );
  provider.know(host);
  const page = await anotherBrowser(browser, host);
  try {
    await page.goto('/#/create');
    await withAcme(page).click();
    await isRefused(page, 'Your sign-in provider does not answer now.');
    await host.addUser('carl');
    const field = page.getByLabel('One-time code or link');
    await field.fill(await host.code('carl'));
    await field.press('Enter');
    // Where the person wanted to go before the provider was asked.
    await expect(page.getByRole('heading', { name: 'New token' })).toBeVisible();
  } finally {
    await comeBack();
    await page.context().close();
    await host.stop();
    await provider.close();
  }
});

test('a provider that goes away in the middle is told', async ({ page, provider }) => {
  const url = await callbackOf(page, provider, 'mara');
  const comeBack = await provider.goAway();
  try {
    await page.goto(url);
    await isRefused(page, 'Your sign-in provider does not answer now.');
  } finally {
    await comeBack();
  }
});

test('whoever breaks off at the provider is told, and can begin again', async ({
  page,
  provider,
}) => {
  provider.accounts.set('dirk', { preferred_username: 'dirk' });
  await page.goto('/#/history');
  await withAcme(page).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await isRefused(page, 'The sign-in was cancelled');
  await look(page, 'oidc-declined');
  await withAcme(page).click();
  await sayWho(page, 'dirk');
  await expect(page.getByRole('heading', { name: 'History', exact: true })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('the way back from the provider is walked once', async ({ page, provider }) => {
  provider.accounts.set('tom', { preferred_username: 'tom' });
  const request = page.waitForRequest(CALLBACK);
  await signIn(page, 'tom');
  const url = (await request).url();
  await isSignedIn(page);
  // By the browser's history, for instance: nothing happens to who is signed in.
  await page.goto(url);
  await isSignedIn(page);
  const answer = await page.evaluate(async (url) => {
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    return [response.status, response.headers.get('content-type'), (await response.json()).code];
  }, url);
  expect(answer).toEqual([400, 'application/problem+json', 'sign_in.not_started']);
  await page.context().clearCookies();
  await page.goto(url);
  await isRefused(page, 'was finished before. Start again.');
});

test('the way back from the provider is walked in the browser that began', async ({
  page,
  browser,
  host,
  provider,
}) => {
  const url = await callbackOf(page, provider, 'vera');
  const stranger = await anotherBrowser(browser, host);
  await stranger.goto(url);
  await isRefused(stranger, 'began in another browser');
  // Nor does one that has begun itself take it.
  await stranger.goto('/v1/sign-in/oidc');
  await expect(stranger.getByLabel('Name')).toBeVisible();
  await stranger.goto(url);
  await isRefused(stranger, 'began in another browser');
  await stranger.context().close();
  // The code was good all the time.
  await page.goto(url);
  await isSignedIn(page);
});

test('a code that somebody else was given is not taken', async ({
  page,
  browser,
  host,
  provider,
}) => {
  const eves = new URL(await callbackOf(page, provider, 'eve'));
  const other = await anotherBrowser(browser, host);
  const fays = new URL(await callbackOf(other, provider, 'fay'));
  // Fay's browser, with Fay's state, and the code of Eve's sign-in: the verifier is another one.
  fays.searchParams.set('code', eves.searchParams.get('code') ?? '');
  await other.goto(fays.href);
  await isRefused(other, 'could not be trusted');
  await other.context().close();
});

test('a person that the operator deactivated does not come in', async ({
  page,
  host,
  provider,
}) => {
  await comeIn(page, provider, 'lea');
  await host.operator('user', 'deactivate', 'lea');
  expect(await status(page, '/v1/me')).toBe(401);
  await startAnew(page);
  await signIn(page, 'lea');
  await isRefused(page, 'the account is deactivated here');
  await host.operator('user', 'reactivate', 'lea');
  await startAnew(page);
  await signIn(page, 'lea');
  await isSignedIn(page);
});
