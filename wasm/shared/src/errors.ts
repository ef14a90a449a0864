// Turns a refusal into words that say what to do, by its stable code.
import { both } from './dates.ts';
import { Problem } from './problem.ts';
import type { Mistake } from './shapes.ts';
import { known, t } from './text.ts';

/** What went wrong and what to do now. */
export function wordsFor(error: unknown): string {
  if (!(error instanceof Problem)) return t('error.internal', { id: '' });
  const first = error.mistakes[0];
  if (first !== undefined && error.status === 422) return mistakeWords(first);
  const key = `error.${error.code}`;
  const values = {
    detail: error.detail,
    seconds: error.retryAfter ?? '60',
    id: error.requestId ?? '',
  };
  return known(key) ? t(key, values) : t('error.other', values);
}

/** One mistake of a draft; texts by code, the core's own words where there is none. */
export function mistakeWords(mistake: Mistake): string {
  const key = `mistake.${mistake.code}`;
  if (!known(key)) return mistake.detail;
  const latest = mistake.latest_allowed;
  return t(key, { latest: latest ? both(latest) : '' });
}
