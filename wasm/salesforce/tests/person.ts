// What a person does with the component, by what they see.
import { expect, type Page } from '@playwright/test';

export const press = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true }).click();

/** The window that is open. */
export const modal = (page: Page) => page.getByRole('dialog');

/** The question that is asked; the base component says its role twice. */
export const question = (page: Page) => page.locator('section[role=alertdialog]');

export const row = (page: Page, label: string) => page.getByRole('row', { name: label });

/** Creates a token; answers its secret, which is still shown. */
export async function create(page: Page, label: string): Promise<string> {
  await press(page, 'New token');
  await modal(page).getByRole('textbox', { name: 'Label' }).fill(label);
  await press(page, 'Create token');
  const secret = modal(page).getByRole('textbox', { name: 'Secret' });
  await expect(secret).toHaveValue(/^egt_/);
  return secret.inputValue();
}

/** Copies the secret and closes the window. */
export async function copy(page: Page): Promise<void> {
  await press(page, 'Copy');
  await expect(modal(page).getByText('Copied. Now paste it into Power BI.')).toBeVisible();
  await press(page, 'Done');
  await expect(modal(page)).toHaveCount(0);
}

/** Chooses what is done to a token. */
export async function act(page: Page, label: string, deed: string): Promise<void> {
  await row(page, label).getByRole('button').last().click();
  await page.getByRole('menuitem', { name: deed }).click();
}
