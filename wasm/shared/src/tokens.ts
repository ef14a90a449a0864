// What a list of one's own tokens knows beside its rows: how they change by themselves, what was
// pasted where a label belongs, and what a revocation stops.
import { hostDate } from './clock.ts';
import * as core from './core.ts';
import { away, both } from './dates.ts';
import type { Token } from './shapes.ts';
import { t } from './text.ts';

/** The longest time that a browser's timer can wait. */
const LONGEST_TIMER_MILLIS = 2_147_483_647;
/** Asked a little late, the core surely sees the change. */
const LATE_MILLIS = 1000;
/** Host and browser may disagree by the seconds of a slow answer. */
const BEFORE_MILLIS = 60_000;

/** The tokens as they are now. */
export interface Refreshed<T extends Token> {
  /** The same array where nothing has changed. */
  tokens: readonly T[];
  /** So many of them ended by themselves. */
  nEnded: number;
  /** When to ask again; `null`: none will change. */
  waitMillis: number | null;
}

/** Has the core say what the tokens are now, and when one of them changes by itself. */
export function refreshed<T extends Token>(before: readonly T[]): Refreshed<T> {
  const { statuses, changes_at } = core.statuses(before);
  const after = before.map((token, index) => {
    const status = statuses[index] ?? token.status;
    return status === token.status ? token : { ...token, status };
  });
  const changed = after.some((token, index) => token !== before[index]);
  const ended = before.filter(
    ({ status }, index) => status === 'active' && after[index]?.status === 'expired',
  );
  const wait = changes_at === null ? null : Date.parse(changes_at) - hostDate().getTime();
  return {
    tokens: changed ? after : before,
    nEnded: ended.length,
    waitMillis:
      wait === null ? null : Math.min(Math.max(wait, 0) + LATE_MILLIS, LONGEST_TIMER_MILLIS),
  };
}

/** Whether a text is a secret: then it must not leave the browser, as addresses end up in logs. */
export const isSecret = (text: string): boolean => core.inspectSecret(text.trim()).form;

/** What to say of a secret that was pasted where a label belongs, or nothing. */
export function pastedWords(text: string, tokens: readonly Token[]): string | undefined {
  const { form, checksum, hint } = core.inspectSecret(text.trim());
  if (!form) return undefined;
  if (!checksum) return t('pasted.mistyped');
  const token = tokens.find((token) => token.hint === hint);
  if (token === undefined) return t('pasted.unknown', { hint: hint ?? '' });
  return t('pasted.found', { hint: token.hint, label: token.label });
}

/** What to know before a token is revoked: one sentence each. */
export function revocationWords({ hint, last_used_at: used }: Token): string[] {
  return [
    t('revoke.stops', { hint }),
    used === null
      ? t('revoke.never_used')
      : t('revoke.last_used', { when: both(used), away: away(used) }),
    t('revoke.for_ever'),
  ];
}

/** A creation without an answer: a token may exist whose secret nobody has seen. */
export interface Lost {
  label: string;
  /** The host's time when it was asked for. */
  since: string;
}

/** Which of the tokens may be the lost one. */
export function maybeLost<T extends Token>(tokens: readonly T[], { label, since }: Lost): T[] {
  const from = Date.parse(since) - BEFORE_MILLIS;
  return tokens.filter((token) => token.label === label && Date.parse(token.created_at) >= from);
}
