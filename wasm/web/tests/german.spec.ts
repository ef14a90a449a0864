// Every screen in German, in both themes, on a desk and on a phone: German words are longer.
import { expect } from '@playwright/test';
import { expectNoSideways, look, signedIn, test, tokenOf, watch } from './test.ts';

const SIZES = {
  desk: { width: 1280, height: 860 },
  phone: { width: 360, height: 740 },
};
const LABEL = 'Vertriebsübersicht Donaudampfschifffahrtsgesellschaft';

test('all screens are accessible in German and nothing sticks out', async ({
  browser,
  ownHost: host,
}) => {
  const context = await browser.newContext({
    baseURL: host.url,
    locale: 'de-DE',
    timezoneId: 'Europe/Berlin',
  });
  const complaints: string[] = [];
  watch(context, host, complaints);
  const page = await context.newPage();
  const lookAtBoth = async (name: string) => {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await expectNoSideways(page);
      await look(page, `${name}-german-${size}`);
      // The themes must not differ in size either.
      await expectNoSideways(page);
    }
  };
  await signedIn(page, host, 'karoline', 'administrator');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');

  // Something of each kind to be shown: used, refused, revoked, with and without an end.
  const ask = await host.exportService();
  const { secret } = await tokenOf(page, LABEL);
  const { token, secret: revoked } = await tokenOf(page, 'Widerrufen');
  await tokenOf(page, 'Mit Datum', {
    expires_at: new Date(Date.now() + 300 * 864e5).toISOString().replace(/\.\d+/, ''),
  });
  await page.evaluate((id) => fetch(`/v1/tokens/${id}/revoke`, { method: 'POST' }), token.token_id);
  await Promise.all([ask(secret), ask(secret), ask(revoked)]);
  await (
    await host.goAway()
  )();

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Zugriffstoken' })).toBeVisible();
  await expect(page.getByRole('img', { name: '2 Exporte in 28 Tagen' })).toBeVisible();
  await lookAtBoth('tokens');

  await page.goto('/#/create');
  await page.getByLabel('Bezeichnung').fill(LABEL.repeat(2));
  await page.getByRole('radio', { name: 'Anderes Datum' }).check();
  await expect(page.getByText(/länger als 80 Zeichen/)).toBeVisible();
  await lookAtBoth('create');

  await page.goto('/#/history');
  const events = page.getByRole('list', { name: 'Verlauf' });
  await expect(events).toContainText(`2 Exporte liefen mit „${LABEL}“ von karoline`);
  await expect(events).toContainText('denn das Token war widerrufen');
  await expect(page.getByRole('img', { name: /2 erlaubt, 1 abgelehnt/ })).toBeVisible();
  await page.getByRole('button', { name: 'Prüfen' }).click();
  await expect(page.getByRole('heading', { name: 'Der Verlauf ist unversehrt' })).toBeVisible();
  await events.getByText('Einzelheiten').first().click();
  await lookAtBoth('history');

  await page.goto('/#/policy');
  await page.getByRole('checkbox', { name: 'Maximale Ablauffrist' }).check();
  await page.getByRole('checkbox', { name: /^Automatischer Ablauf/ }).check();
  await expect(page.getByText('2 von 2 aktiven Token würden früher enden.')).toBeVisible();
  await lookAtBoth('policy');

  expect(complaints).toEqual([]);
  await context.close();
});
