// People may call tokens and themselves whatever the rules allow: on all four screens it stays text.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import {
  cellsOf,
  FORMULA,
  NOTHING,
  OVERRIDDEN,
  type Trap,
  trapIn,
  words,
} from '../../web/tests/hostile.ts';
import { act, copy, create, modal, press, question, row } from './person.ts';
import type { LightningServer } from './server.ts';
import { expect, expectNoSideways, test } from './test.ts';

// Without the page's policy nothing but the component itself keeps words from running.
test.use({ bypassCSP: true, permissions: ['clipboard-read', 'clipboard-write'] });

const { label, newLabel, lostLabel, user, administrator, service, dataSource } = words;
const PHONE = { width: 360, height: 740 };

/** Nothing but text has become of the words. */
async function expectText(trap: Trap): Promise<void> {
  expect(await trap.caught()).toEqual(NOTHING);
}

/** The tokens and what is done to them: answers a secret. */
async function tokens(page: Page, trap: Trap): Promise<string> {
  const secret = await create(page, label);
  await expect(modal(page)).toContainText(`the secret of “${label}”.`);
  await expect(modal(page)).toContainText(user);
  await expectText(trap);
  await copy(page);
  await expect(row(page, label)).toContainText(label);
  await expectText(trap);

  await act(page, label, 'Rename');
  const field = modal(page).getByRole('textbox', { name: 'Label' });
  await expect(field).toHaveValue(label);
  await field.fill(OVERRIDDEN);
  await expect(modal(page).getByText('an invisible character')).toBeVisible();
  await field.fill(newLabel);
  await press(page, 'Rename');
  await expect(page.getByText(`Renamed to “${newLabel}”.`)).toBeVisible();
  await expect(row(page, newLabel)).toContainText(newLabel);
  await expectText(trap);

  // Apex has asked the host, but its answer never arrives.
  const lose = { times: 1 };
  await page.route(
    '**/apex/createToken',
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    lose,
  );
  await press(page, 'New token');
  await modal(page).getByRole('textbox', { name: 'Label' }).fill(lostLabel);
  await press(page, 'Create token');
  await expect(page.getByText(`A token “${lostLabel}” may exist`)).toBeVisible();
  await press(page, 'Look for it now');
  await expect(page.getByRole('listitem').filter({ hasText: lostLabel })).toBeVisible();
  await expectText(trap);

  await act(page, lostLabel, 'Revoke');
  await expect(question(page)).toContainText(`Revoke “${lostLabel}”?`);
  await expectText(trap);
  await question(page).getByRole('button', { name: 'OK' }).click();
  await expect(page.getByText(`“${lostLabel}” is revoked.`)).toBeVisible();
  await press(page, 'Revoke all …');
  await expect(modal(page).getByRole('textbox')).toBeVisible();
  await expectText(trap);
  await press(page, 'Cancel');
  await page.getByRole('searchbox').fill(secret);
  await expect(page.getByText(`like “${newLabel}” in the list`)).toBeVisible();
  await expectText(trap);
  return secret;
}

/** The history as its owner or an administrator reads it: these sentences, and the file. */
async function history(page: Page, trap: Trap, sentences: string[], cells: string[]) {
  await page.getByRole('tab', { name: 'History' }).click();
  const events = page.getByRole('list', { name: 'History' });
  for (const sentence of sentences) await expect(events).toContainText(sentence);
  for (const details of await events.getByText('Details').all()) await details.click();
  await expect(events).toContainText(JSON.stringify({ old_label: label }).slice(1, -1));
  await expectText(trap);
  const download = page.waitForEvent('download');
  await press(page, 'Download CSV');
  const saved = cellsOf(await readFile(await (await download).path(), 'utf8'));
  expect(saved.filter((cell) => FORMULA.test(cell))).toEqual([]);
  expect(saved).toEqual(expect.arrayContaining(cells.map((text) => `'${text}`)));
  await events.getByRole('listitem').filter({ hasText: 'renamed' }).getByText('Only this').click();
  await expect(page.getByText(`Token: ${newLabel}`, { exact: true })).toBeVisible();
  await expectText(trap);
}

/** The policy's preview, and another administrator who was faster. */
async function policy(page: Page, trap: Trap, server: LightningServer): Promise<void> {
  await page.getByRole('tab', { name: 'Policy' }).click();
  const maximum = page.getByRole('checkbox', { name: 'Maximum expiry period' });
  if (!(await maximum.isChecked())) await page.getByText('Maximum expiry period').click();
  await page.getByRole('spinbutton', { name: 'days', exact: true }).fill('30');
  await expect(page.getByRole('rowheader', { name: newLabel })).toContainText(newLabel);
  await expect(page.getByRole('rowheader', { name: newLabel })).toContainText(user);
  await expectText(trap);
  const { version } = await server.apex<{ version: number }>(administrator, 'getPolicy');
  const other = { maximumExpiryDays: null, automaticExpiration: false, maximumActiveTokens: 7 };
  await server.apex(administrator, 'changePolicy', { ...other, version });
  await press(page, 'Save policy');
  await expect(page.getByText(`Now saved, by ${administrator}:`)).toBeVisible();
  await expectText(trap);
  await press(page, 'Take theirs');
  await expect(page.getByText('Last changed')).toContainText(administrator);
  await expectText(trap);
}

test.describe('a person of a hostile name', () => {
  test.use({ expected: /Failed to load resource|Modal :: Nothing to return focus to/ });
  test(
    'and hostile labels are text on every screen',
    { tag: '@once' },
    async ({ page, server, open }) => {
      server.addUser(user);
      server.addUser(administrator, 'administrator');
      const trap = await trapIn(page);
      await open({ user });
      const secret = await tokens(page, trap);
      const ask = await server.host.exportService(service, dataSource);
      await ask(secret);
      // A host that stops writes the uses of the open minute.
      await (
        await server.host.goAway()
      )();
      const used = `1 export ran with “${newLabel}” of ${user}: ${dataSource}, from 203.0.113.7`;
      const done = [`${user} created “${label}”`, `${user} renamed “${label}” to “${newLabel}”`];
      const gone = `“${lostLabel}” of ${user} was revoked, by the owner`;
      await history(page, trap, [...done, gone, used], [label, newLabel, lostLabel, user]);

      await open({ user: administrator });
      await history(page, trap, [...done, gone, used, service], [label, newLabel, user]);
      const renamed = page.getByRole('listitem').filter({ hasText: `${user} renamed` });
      await renamed.getByText('Details').click();
      await renamed.getByRole('button', { name: `Only ${user}`, exact: true }).click();
      await expect(page.getByText(`Person: ${user}`, { exact: true })).toBeVisible();
      await policy(page, trap, server);

      await page.setViewportSize(PHONE);
      for (const who of [user, administrator]) {
        await open({ user: who, formFactor: 'Small' });
        for (const tab of await page.getByRole('tab').all()) {
          await tab.click();
          await expect(page.getByRole('tabpanel').getByText('Loading')).toHaveCount(0);
          await expectText(trap);
          await expectNoSideways(page);
        }
      }
      await trap.spring();
      await expect.poll(() => trap.caught()).toEqual({ nElements: 1, nRuns: 1 });
    },
  );
});
