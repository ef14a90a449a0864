// That the harness is true: the component runs as the platform would let it, and asks a real host.
import { expect, look, somebody, test } from './test.ts';

const JUDGED = 'Übersicht 2027-05-01T00:00:00Z';

test('the core runs in the form that the platform lets it have', async ({ page, server, open, options }) => {
  const user = await somebody(server);
  await open({ user });
  const expected = options.lws === 'maximum' ? 'plain' : 'wasm';
  await expect(page.locator('[data-id="form"]')).toHaveText(expected);
  await expect(page.locator('[data-id="judged"]')).toHaveText(JUDGED);
  await expect(page.locator('[data-id="me"]')).toHaveText(`${user} user`);
  await look(page, `placeholder-${options.lws ?? 'plain'}`);
});
