// Words that the rules allow and that mean harm, and a trap that tells if they became more.
// Only a type: the Lightning component's tests, which use this too, have a Playwright of their own.
import type { Page } from '@playwright/test';

/** How long a label, a name and what the operator writes may be, in characters. */
const [LABEL, NAME, FREE] = [80, 128, 200];

/**
 * A formula, the end of an attribute, markup that runs, an entity, values of our own texts, a
 * pattern of replacements, a letter of the other direction; so long that a line has to break in it.
 */
function hostile(start: string, length: number): string {
  return `${start}"'><img/src/onerror=pwned()>&lt;{who}{n}$&\u05D0`.padEnd(length, 'W');
}

export const words = {
  label: hostile('=HYPERLINK("//e")', LABEL),
  newLabel: hostile('@SUM(1)', LABEL),
  lostLabel: hostile('-1', LABEL),
  user: hostile('=1+1', NAME),
  administrator: hostile('+1', NAME),
  displayName: hostile('', FREE),
  service: hostile('=2', NAME),
  scimKey: hostile('=3', NAME),
  dataSource: hostile('/odata/', FREE),
};

/** An override of the direction, which no label may have: it would show another text than it is. */
export const OVERRIDDEN = 'Sales\u202Exslx.exe';

/** What words became, by count. */
export interface Caught {
  nElements: number;
  nRuns: number;
}
export const NOTHING: Caught = { nElements: 0, nRuns: 0 };

/** A trap in a page. */
export interface Trap {
  /** What went into it so far. */
  caught(): Promise<Caught>;
  /** Puts the words into the page as nobody should, to prove that the trap works. */
  spring(): Promise<void>;
}

/** Lays the trap before a page is opened. A policy of the page would hide a fault: it must have none. */
export async function trapIn(page: Page): Promise<Trap> {
  let nRuns = 0;
  await page.exposeFunction('pwned', () => (nRuns += 1));
  return {
    caught: async () => ({ nElements: await page.locator('[onerror]').count(), nRuns }),
    spring: () =>
      page.evaluate((label) => document.body.insertAdjacentHTML('beforeend', label), words.label),
  };
}

/** How a cell begins that a spreadsheet would calculate. */
export const FORMULA = /^[=+\-@\t\r]/;

/** The cells of a CSV (RFC 4180). */
export function cellsOf(csv: string): string[] {
  const found = csv.matchAll(/(?<=^|,|\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|\r?\n|$)/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
