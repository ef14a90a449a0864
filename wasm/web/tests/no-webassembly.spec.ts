// Browsers that run no WebAssembly, as in Apple's Lockdown Mode or by a company's rule: the core is
// plain JavaScript there, and whoever gets neither is told so.
import type { Page } from '@playwright/test';
import { expect, signedIn, test } from './test.ts';

test.use({ expected: [/WebAssembly|Wasm|Failed to load resource/i] });

/** Serves the page with a policy under which the browser refuses WebAssembly. */
async function forbidWebAssembly(page: Page): Promise<void> {
  await page.route(
    (url) => url.pathname === '/',
    async (route) => {
      const response = await route.fetch();
      const headers = response.headers();
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toContain("'wasm-unsafe-eval'");
      headers['content-security-policy'] = policy.replace("'wasm-unsafe-eval'", '');
      await route.fulfill({ response, headers });
    },
  );
}

test('without WebAssembly a token is created, copied, used and recognised', async ({
  page,
  host,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await forbidWebAssembly(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await signedIn(page, host, 'lock', 'user', 'create');
  expect(asked.filter((path) => /exportgate_core.*\.js$/.test(path))).toHaveLength(1);

  // The core judges while one types.
  await page.getByLabel('Label').fill('x'.repeat(81));
  await expect(page.getByText('longer than 80 characters')).toBeVisible();
  await page.getByLabel('Label').fill('Locked down');
  await expect(page.getByText(/It will expire in 3 months/)).toBeVisible();
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Copied. Now paste it into Power BI.')).toBeVisible();
  const secret = await page.evaluate(() => navigator.clipboard.readText());
  const ask = await host.exportService();
  expect(await ask(secret)).toMatchObject({ decision: 'allow' });

  await page.getByRole('link', { name: 'Done' }).click();
  await expect(page.getByRole('row', { name: /Locked down/ })).toContainText('Active');
  await page.getByLabel('Find by label').fill(secret);
  await expect(page.getByText(/like “Locked down” in the list/)).toBeVisible();

  await page.goto('/#/history');
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByRole('heading', { name: 'The history is intact' })).toBeVisible();
});

test('where no form of the core runs, the page says so', async ({ page, host }) => {
  await forbidWebAssembly(page);
  await page.route(/exportgate_core[^/]*\.js$/, (route) => route.abort());
  await host.addUser('none');
  await page.goto(`/#code=${await host.code('none')}`);
  await expect(page.getByRole('alert')).toContainText(
    'The part of Exportgate that knows the rules does not run in this browser.',
  );
});
