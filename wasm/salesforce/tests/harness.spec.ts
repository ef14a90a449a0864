// That the harness is true: a component runs as the platform would let it, and asks a real host.
import { expect, look, somebody, test } from './test.ts';

const JUDGED = 'Übersicht 2027-05-01T00:00:00Z';

test('the core runs in the form that the platform lets it have', async ({
  page,
  server,
  open,
  options,
}) => {
  const user = await somebody(server);
  await open({ user });
  await expect(page.locator('[data-id="form"]')).toHaveText(
    options.lws === 'maximum' ? 'plain' : 'wasm',
  );
  await expect(page.locator('[data-id="judged"]')).toHaveText(JUDGED);
  await expect(page.locator('[data-id="me"]')).toHaveText(`${user} user`);
  // Under Lightning Web Security what a script puts on its global is not the page's.
  const ofPage = await page.evaluate(
    () => (globalThis as { exportgateCore?: { form: string } }).exportgateCore?.form,
  );
  expect(ofPage).toBe(options.lws === undefined ? 'wasm' : undefined);
  await look(page, `placeholder-${options.lws ?? 'plain'}`);
});

test("the error of a refusal is Lightning's, with the host's code in it", async ({
  page,
  open,
}) => {
  await open({ user: 'nobody' });
  await expect(page.locator('[data-id="error"]')).toHaveText('credential.missing');
});

test("the user's language and permission arrive", async ({ page, server, open }) => {
  const user = await somebody(server, 'administrator');
  await open({ user, language: 'de', permission: 'Exportgate_Administrator' });
  await expect(page.getByText('Zugriffstoken')).toBeVisible();
  await expect(page.locator('[data-id="me"]')).toHaveText(`${user} administrator`);
});

test('the host can be away', async ({ page, server, open }) => {
  const user = await somebody(server);
  const back = await server.host.goAway();
  try {
    await open({ user });
    await expect(page.locator('[data-id="error"]')).toHaveText('host.unreachable');
  } finally {
    await back();
  }
});

test.describe("where WebAssembly is blocked by the page's policy", () => {
  test.use({ expected: /Content Security Policy/ });
  test('the plain form takes over', async ({ page, server, open, options }) => {
    test.skip(
      options.lws !== undefined,
      'the sandbox itself needs eval, and eval allows WebAssembly',
    );
    await open({ user: await somebody(server), policy: 'strict' });
    await expect(page.locator('[data-id="form"]')).toHaveText('plain');
    await expect(page.locator('[data-id="judged"]')).toHaveText(JUDGED);
  });
});

test.describe('when scripts do not arrive', () => {
  // The second is how Lightning Web Security lets a script fail.
  test.use({ expected: /Failed to load resource|blob:http:\/\/localhost\/not-found/ });

  test('the plain form takes over from a WebAssembly script that is missing', async ({
    page,
    server,
    open,
  }) => {
    await page.route('**/exportgateCore/wasm.js', (route) => route.abort());
    await open({ user: await somebody(server) });
    await expect(page.locator('[data-id="form"]')).toHaveText('plain');
    await expect(page.locator('[data-id="judged"]')).toHaveText(JUDGED);
  });

  test('without both forms there is a code, and it can be tried again', async ({
    page,
    server,
    open,
    options,
  }) => {
    await page.route('**/exportgateCore/*.js*', (route) => route.abort());
    await open({ user: await somebody(server), component: 'harnessProbe' });
    await page.getByRole('button', { name: 'Measure' }).click();
    const said = page.locator('[data-id="said"]');
    await expect(said).toHaveText(/^core\.unavailable: the core does not start: .*; /);
    await page.unroute('**/exportgateCore/*.js*');
    await page.getByRole('button', { name: 'Measure' }).click();
    await expect(said).toHaveText(options.lws === 'maximum' ? /^plain: load/ : /^wasm: load/);
  });
});
