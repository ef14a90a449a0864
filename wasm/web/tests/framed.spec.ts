// What another site gets when it frames the page, or opens it in a window: nothing.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from './test.ts';

test.skip(process.env['PAGE_TEST_PREVIEW'] !== undefined, 'the preview server is not the host');

const SIGN_IN = 'One-time code or link';

/** Does something while a server answers on a port of its own. */
async function serving(listener: RequestListener, deed: (port: number) => Promise<void>) {
  const server: Server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    await deed((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

/** The same page from a host that forgot to protect it: what goes through here loses two headers. */
const unprotected =
  (host: string): RequestListener =>
  async ({ url, method = 'GET' }, response) => {
    const answer = await fetch(host + url, { method, headers: { 'accept-encoding': 'identity' } });
    const headers = Object.fromEntries(answer.headers);
    delete headers['cross-origin-opener-policy'];
    const policy = headers['content-security-policy']?.replace("; frame-ancestors 'none'", '');
    if (policy !== undefined) headers['content-security-policy'] = policy;
    response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
  };

/** The other site: whatever is asked of it, a frame in each of the three ways. */
const WAYS = ['iframe', 'object', 'embed'] as const;
const strangers: RequestListener = ({ url = '/' }, response) => {
  const { searchParams: asked } = new URL(url, 'http://localhost');
  const [way, target] = [asked.get('way'), asked.get('target')];
  const frame = `<${way} ${way === 'object' ? 'data' : 'src'}="${target}"></${way}>`;
  response.writeHead(200, { 'content-type': 'text/html' }).end(way === null ? '' : frame);
};

/** Why a browser leaves a frame empty, in its words. */
const REFUSED = /frame-ancestors 'none'/;

test.describe('another site', () => {
  // It is asked itself, and the browser says aloud what it refuses.
  test.use({ expected: [new RegExp(`^asked http:|${REFUSED.source}`)] });

  test('frames the page and gets nothing', async ({ page, host }) => {
    await serving(strangers, (port) =>
      serving(unprotected(host.url), async (openPort) => {
        const frame = (way: string, target: string) =>
          page.goto(`http://localhost:${port}/?${new URLSearchParams({ way, target })}`);
        for (const way of WAYS) {
          // Proves that this site frames what lets itself be framed.
          await frame(way, `http://127.0.0.1:${openPort}/`);
          await expect(page.mainFrame().childFrames()[0]!.getByLabel(SIGN_IN)).toBeVisible();
          for (const path of ['/', '/docs/']) {
            const refused = page.waitForEvent('console', {
              predicate: (message) => REFUSED.test(message.text()),
              timeout: 10_000,
            });
            await frame(way, host.url + path);
            await refused;
            const urls = page.frames().map((one) => one.url());
            expect(urls.filter((url) => url.startsWith(host.url))).toEqual([]);
          }
        }
      }),
    );
  });

  test('opens the page and holds no handle of it', async ({ page, host }) => {
    await serving(strangers, (port) =>
      serving(unprotected(host.url), async (openPort) => {
        const open = async (target: string) => {
          await page.goto(`http://localhost:${port}/`);
          const popup = page.waitForEvent('popup');
          const handle = await page.evaluateHandle((url) => window.open(url), target);
          const opened = await popup;
          await expect(opened.getByLabel(SIGN_IN)).toBeVisible();
          const hasOpener = await opened.evaluate(() => opener !== null);
          const seen = {
            hasHandle: await handle.evaluate((one) => one?.closed === false),
            hasOpener,
          };
          await opened.close();
          return seen;
        };
        expect(await open(`http://127.0.0.1:${openPort}/`)).toEqual({
          hasHandle: true,
          hasOpener: true,
        });
        expect(await open(host.url)).toEqual({ hasHandle: false, hasOpener: false });
      }),
    );
  });
});
