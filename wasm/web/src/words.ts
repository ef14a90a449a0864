// Loads the texts of the browser's language, that one catalogue alone.
import { useRegion } from 'exportgate-shared/dates.ts';
import { languageFor, useText } from 'exportgate-shared/text.ts';

/** Nothing is shown before. */
export async function loadWords(): Promise<void> {
  const language = languageFor(navigator.languages);
  const catalogue =
    language === 'de'
      ? await import('exportgate-text/de.json')
      : await import('exportgate-text/en.json');
  useText(catalogue.default, language);
  useRegion(navigator.languages);
  document.documentElement.lang = language;
}
