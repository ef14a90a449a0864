// The screen of sign-in where there are providers, and what it says when they sent nobody back. Only
// the host's list is a stand-in here; `oidc.spec.ts` has real providers.
import { type Browser, type Page } from '@playwright/test';
import type { Host } from './host.ts';
import { expect, expectNoSideways, look, test } from './test.ts';

test.use({ expected: [/Failed to load resource|net::ERR/] });

const ACME = { name: null, display_name: 'Acme', url: '/v1/sign-in/oidc' };
const ENTRA = { name: 'entra', display_name: 'Microsoft', url: '/v1/sign-in/oidc/entra' };
const LONG = {
  name: 'long',
  display_name: 'Donaudampfschifffahrtsgesellschaft login.eu-central-1.identity.example.com',
  url: '/v1/sign-in/oidc/long',
};

/** Has the host offer these. */
async function offer(page: Page, ...providers: object[]): Promise<void> {
  await page.route('**/v1/sign-in', (route) =>
    route.request().method() === 'GET' ? route.fulfill({ json: { providers } }) : route.fallback(),
  );
}

const SIZES = {
  desk: { width: 1280, height: 860 },
  phone: { width: 320, height: 640 },
};

async function lookAtBoth(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await expectNoSideways(page);
    await look(page, `${name}-${size}`);
  }
}

async function german(browser: Browser, host: Host): Promise<Page> {
  const context = await browser.newContext({ baseURL: host.url, locale: 'de-DE' });
  return context.newPage();
}

test('one provider: its button is first, the code is behind a heading', async ({ page }) => {
  await offer(page, ACME);
  await page.goto('/');
  const button = page.getByRole('link', { name: 'Sign in with Acme' });
  await expect(page.getByRole('heading', { name: 'Sign in', exact: true })).toBeFocused();
  await expect(button).toHaveAttribute('href', ACME.url);
  await expect(page.getByText('one-time code that you were given')).toHaveCount(0);
  await expect(page.getByLabel('One-time code or link')).toBeHidden();
  await lookAtBoth(page, 'providers-one');
  // By keyboard alone.
  await page.keyboard.press('Tab');
  await expect(button).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('One-time code or link')).toBeVisible();
  await lookAtBoth(page, 'providers-one-code');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Type in the code first.')).toBeVisible();
});

test('three providers look alike, and a long name stays in its place', async ({ page }) => {
  await offer(page, ACME, ENTRA, LONG);
  await page.goto('/');
  await expect(page.getByRole('listitem')).toHaveText([
    'Sign in with Acme',
    'Sign in with Microsoft',
    `Sign in with ${LONG.display_name}`,
  ]);
  await lookAtBoth(page, 'providers-three');
});

test('a code signs in beside providers, too', async ({ page, host }) => {
  await offer(page, ACME);
  await host.addUser('cora');
  await page.goto('/#code=0000');
  await expect(page.getByRole('alert')).toContainText('This code is wrong');
  const field = page.getByLabel('One-time code or link');
  await expect(field).toBeFocused();
  await field.fill(await host.code('cora'));
  await field.press('Enter');
  await expect(page.getByRole('heading', { name: 'Access tokens' })).toBeVisible();
});

for (const [what, answer] of Object.entries({
  'with a failure': { status: 503, body: 'x' },
  'with something else': { status: 200, contentType: 'text/html', body: '<p>Log in to the Wi-Fi' },
})) {
  test(`a question for providers that is answered ${what} leaves the code`, async ({ page }) => {
    await page.route('**/v1/sign-in', (route) => route.fulfill(answer));
    await page.goto('/');
    await expect(page.getByLabel('One-time code or link')).toBeFocused();
  });
}

test('nobody waits long for the answer about providers', async ({ page }) => {
  await page.route('**/v1/sign-in', () => undefined);
  await page.goto('/');
  await expect(page.getByLabel('One-time code or link')).toBeFocused();
});

const FAILURES = {
  'sign_in.not_started': ['began in another browser', 'Beginnen Sie noch einmal'],
  'sign_in.declined': ['your sign-in provider refused it', 'hat sie abgelehnt'],
  'sign_in.not_accepted': ['could not be trusted', 'war nicht vertrauenswürdig'],
  'sign_in.not_permitted': ['may not use Exportgate', 'darf Exportgate nicht benutzen'],
  'sign_in.provider_unavailable': ['does not answer now', 'antwortet gerade nicht'],
};

test('each failure is told in a sentence, in English and in German', async ({
  page: english,
  browser,
  host,
}) => {
  const inGerman = await german(browser, host);
  const pages = [english, inGerman] as const;
  for (const [n, page] of pages.entries()) {
    await offer(page, ACME);
    for (const [code, sentences] of Object.entries(FAILURES)) {
      // Elsewhere first: from `/` to `/#…` is no load.
      await page.goto('about:blank');
      await page.goto(`/#sign-in-failed=${code}&request_id=0123-abcd`);
      const alert = page.getByRole('alert');
      await expect(alert).toContainText(sentences[n] ?? '');
      await expect(alert).toContainText(
        n === 0 ? 'Number for the operator: 0123-abcd' : 'Nummer für den Betreiber: 0123-abcd',
      );
      await expect(page).toHaveURL(`${host.url}/`);
      const codeIsShown = await page.locator('#code').isVisible();
      expect(codeIsShown, code).toBe(code === 'sign_in.provider_unavailable');
    }
    await lookAtBoth(page, `providers-failed-${n === 0 ? 'english' : 'german'}`);
    // It is told once.
    await page.reload();
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
  await inGerman.context().close();
});

test('other codes of the host are told in its words', async ({ page }) => {
  await offer(page, ACME);
  await page.goto('/#sign-in-failed=store.unavailable&request_id=0123-abcd');
  await expect(page.getByRole('alert')).toContainText('cannot reach its storage now');
});

test('a link with a failure that somebody made up brings no words of its own', async ({ page }) => {
  await offer(page, ACME);
  const words = encodeURIComponent('Call 0900 123 and say your password');
  await page.goto(`/#sign-in-failed=${words}&request_id=${words}`);
  await expect(page.getByRole('alert')).toContainText('Something went wrong that should not.');
  await expect(page.getByText('0900')).toHaveCount(0);
  await page.goto('about:blank');
  await page.goto(`/#sign-in-failed=sign_in.declined&request_id=${words}`);
  await expect(page.getByRole('alert')).toContainText('The sign-in was cancelled');
  await expect(page.getByText('0900')).toHaveCount(0);
});
