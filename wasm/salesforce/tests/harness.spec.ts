// That the harness is true: the component runs as the platform would let it, and asks a real host.
import { expect, look, somebody, test } from './test.ts';

test('the core runs in the form that the platform lets it have', async ({ page, server, open, options }) => {
  const user = await somebody(server);
  await open({ user });
  await page.waitForTimeout(4000);
  await page.screenshot({path:`/tmp/l-${options.lws ?? 'plain'}.png`, fullPage: true});
});
