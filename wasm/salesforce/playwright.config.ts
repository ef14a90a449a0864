// How the Lightning component is tested: Debian's Chromium, the real base components, the real
// host; once as it is, once in each mode of Lightning Web Security.
import { defineConfig } from '@playwright/test';
import type { PageOptions } from './tests/server.ts';

export default defineConfig<{ options: PageOptions }>({
  testDir: 'tests',
  outputDir: '../../target/lightning-tests',
  globalSetup: './tests/build-once.ts',
  workers: Number(process.env['PAGE_TEST_WORKERS'] ?? '2'),
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  forbidOnly: true,
  use: {
    browserName: 'chromium',
    locale: 'en-US',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1280, height: 860 },
    launchOptions: {
      executablePath: process.env['PAGE_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  // What the sandbox changes nothing of is tested `@once`.
  projects: [
    { name: 'plain', use: { options: {} } },
    { name: 'lws', use: { options: { lws: 'default' } }, grepInvert: /@once/ },
    {
      name: 'lws-maximum',
      use: { options: { lws: 'maximum' } },
      grepInvert: /@once/,
    },
  ],
});
