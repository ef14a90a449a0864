// How the host serves the page: encodings, caching, policy, and what the first load weighs.
import { expect, test } from './test.ts';

/** Compressed, of everything that the first load asks for. */
const BUDGET_BYTES = 150_000;

test.skip(process.env['PAGE_TEST_PREVIEW'] !== undefined, 'the preview server is not the host');

test('the page and its files carry the right headers', async ({ host }) => {
  const headers = { 'accept-encoding': 'gzip, br' };
  const page = await fetch(host.url, { headers });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe-inline');
  expect(page.headers.get('content-encoding')).toBe('br');
  const etag = page.headers.get('etag') ?? '';
  const again = await fetch(host.url, { headers: { ...headers, 'if-none-match': etag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const text = await page.text();
  const assets = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
    (found) => found[1] ?? '',
  );
  expect(assets.length).toBeGreaterThan(2);
  for (const path of assets) {
    const plain = await fetch(host.url + path, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(plain.headers.get('x-content-type-options')).toBe('nosniff');
    const body = await plain.text();
    for (const encoding of ['gzip', 'br']) {
      const packed = await fetch(host.url + path, { headers: { 'accept-encoding': encoding } });
      expect(packed.headers.get('content-encoding')).toBe(encoding);
      expect(packed.headers.get('content-type')).toBe(plain.headers.get('content-type'));
      expect(await packed.text()).toBe(body);
    }
  }
  const missing = await fetch(`${host.url}/assets/../../etc/passwd`);
  expect(missing.status).toBe(404);
});

test('the first load is small and quick', async ({ page, host }) => {
  await host.addUser('speed');
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  let bytes = 0;
  client.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
  const start = Date.now();
  await page.goto('/');
  await page.getByLabel('One-time code or link').waitFor();
  const millis = Date.now() - start;
  console.log(
    `first load: ${bytes} bytes, usable after ${millis} ms with a processor slowed 4 times`,
  );
  expect(bytes).toBeLessThan(BUDGET_BYTES);
});
