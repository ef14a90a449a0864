// What goes wrong between a person in Lightning and the host, and what is said about it.
import { create, modal, press, row } from './person.ts';
import { expect, look, somebody, test } from './test.ts';

test.describe("where WebAssembly is blocked by the page's policy", () => {
  test.use({ expected: /Content Security Policy/ });
  test('the plain form takes over', { tag: '@once' }, async ({ page, server, open }) => {
    await open({ user: somebody(server), policy: 'strict' });
    await expect(page.locator('[data-core=plain]')).toBeVisible();
    expect(await create(page, 'Sales')).toMatch(/^egt_/);
  });
});

test.describe('when scripts do not arrive', () => {
  // The second is how Lightning Web Security lets a script fail.
  test.use({ expected: /Failed to load resource|blob:http:\/\/localhost\/not-found/ });

  test('the plain form takes over from a script that is missing', async ({
    page,
    server,
    open,
  }) => {
    await page.route('**/exportgateCore/wasm.js', (route) => route.abort());
    await open({ user: somebody(server) });
    await expect(page.locator('[data-core=plain]')).toBeVisible();
  });

  test('without both forms it is said, and can be tried again', async ({ page, server, open }) => {
    await page.route('**/exportgateCore/*.js*', (route) => route.abort());
    await open({ user: somebody(server) });
    await expect(page.getByText('does not run here')).toBeVisible();
    await page.unroute('**/exportgateCore/*.js*');
    await press(page, 'Try again');
    await expect(page.getByText('No tokens yet')).toBeVisible();
  });
});

test.describe('without the sandbox, which changes nothing of this', { tag: '@once' }, () => {
  test('whom the host does not know learns what to do', async ({ page, open }) => {
    await open({ user: 'nobody' });
    await expect(page.getByText('Ask your administrator to check the connection')).toBeVisible();
    await look(page, 'unknown-person');
  });

  test('a host that is away is said to be, and comes back', async ({ page, server, open }) => {
    const user = somebody(server);
    await open({ user });
    await expect(page.getByText('No tokens yet')).toBeVisible();
    const back = await server.host.goAway();
    try {
      await press(page, 'New token');
      await expect(modal(page).getByText('Salesforce cannot reach Exportgate.')).toBeVisible();
    } finally {
      await back();
    }
    await modal(page).getByRole('button', { name: 'Try again' }).click();
    await expect(
      modal(page).getByText('It will expire').or(modal(page).getByText('does not expire')),
    ).toBeVisible();
  });

  test('a host that is slow is waited for, with a word', async ({ page, server, open }) => {
    await open({ user: somebody(server) });
    let answer: () => void = () => {};
    const slow = new Promise<void>((go) => (answer = go));
    await page.route('**/apex/createToken', async (route) => {
      await slow;
      await route.continue();
    });
    await press(page, 'New token');
    await modal(page).getByRole('textbox', { name: 'Label' }).fill('Slowly');
    await press(page, 'Create token');
    await expect(modal(page).getByRole('button', { name: 'One moment …' })).toBeDisabled();
    await page.keyboard.press('Escape');
    await expect(modal(page)).toBeVisible();
    answer();
    await expect(modal(page).getByRole('textbox', { name: 'Secret' })).toHaveValue(/^egt_/);
  });

  test.describe('when the answer to a creation is lost', () => {
    test.use({ expected: /Failed to load resource/ });
    test('the token is not left unmentioned', async ({ page, server, open }) => {
      const user = somebody(server);
      await open({ user });
      // Apex has asked the host, but its answer never arrives.
      await page.route('**/apex/createToken', async (route) => {
        await route.fetch();
        await route.abort();
      });
      await press(page, 'New token');
      await modal(page).getByRole('textbox', { name: 'Label' }).fill('Sales');
      await press(page, 'Create token');
      await expect(page.getByText('We do not know whether the token was created.')).toBeVisible();
      await press(page, 'Look for it now');
      await expect(
        page.getByText('Here it is. Nobody has seen its secret; revoke it.'),
      ).toBeVisible();
      await look(page, 'lost-secret');
      await page.getByRole('listitem').getByRole('button', { name: 'Revoke' }).click();
      await expect(row(page, 'Sales')).toContainText('Revoked');
    });
  });

  test('a double click creates one token', async ({ page, server, open }) => {
    const user = somebody(server);
    await open({ user });
    await press(page, 'New token');
    await modal(page).getByRole('textbox', { name: 'Label' }).fill('Once');
    await modal(page).getByRole('button', { name: 'Create token' }).dblclick();
    await expect(modal(page).getByRole('textbox', { name: 'Secret' })).toHaveValue(/^egt_/);
    const { items } = await server.apex<{ items: unknown[] }>(user, 'listTokens');
    expect(items).toHaveLength(1);
  });

  test("a browser's wrong clock changes nothing", async ({ page, server, open }) => {
    await page.clock.setFixedTime(new Date('2031-01-01T00:00:00Z'));
    const user = somebody(server);
    const { token } = await server.apex<{ token: { expires_at: string } }>(user, 'createToken', {
      label: 'Sales',
      expiresOn: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
    });
    expect(Date.parse(token.expires_at)).toBeLessThan(Date.parse('2031-01-01'));
    await open({ user });
    await expect(row(page, 'Sales')).toContainText('Active');
  });

  test('a blocked storage is survived', async ({ page, server, open }) => {
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get: () => {
          throw new DOMException('blocked', 'SecurityError');
        },
      });
    });
    await open({ user: somebody(server) });
    await page.getByRole('tab', { name: 'History' }).click();
    await press(page, 'Verify');
    await expect(
      page.getByText('This browser does not let the page keep the checkpoint'),
    ).toBeVisible();
  });
});
