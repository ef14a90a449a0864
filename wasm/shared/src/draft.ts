// The form for a new token: which expiries it offers, what it asks for, what the core says of it.
import * as core from './core.ts';
import { away, both, utcDay } from './dates.ts';
import type { Draft, Mistake, Policy, PolicySettings } from './shapes.ts';
import { t, tn } from './text.ts';

/** What is chosen: one of the core's choices, or a date of one's own. */
export type Wish = core.Choice['key'] | 'date';

/** What a person has typed in so far. */
export interface Filled {
  label: string;
  wish: Wish | undefined;
  /** `2027-03-31`, where a date is wished. */
  date: string;
}

/** What the core says of a filled form. */
export interface Verdict {
  /** What would be sent. */
  draft: Draft;
  mistakes: Mistake[];
  /** The first of those that are about the label, the expiry, or neither. */
  label: Mistake | undefined;
  expiry: Mistake | undefined;
  other: Mistake | undefined;
  /** When it would expire, in words; empty while the expiry is wrong. */
  words: string;
}

/** 90 days where they are allowed, else the longest that is. */
export function firstWish(choices: readonly core.Choice[]): Wish {
  const dated = choices.filter((choice) => choice.expires_at !== null);
  return (choices.find((choice) => choice.key === 'days_90') ?? dated.at(-1))?.key ?? 'date';
}

/** Name and explanation of a choice. */
export function choiceWords(
  choice: core.Choice,
  policy: PolicySettings,
): { name: string; help: string } {
  if (choice.n_days === null || choice.last_day === null) {
    const though = policy.maximum_expiry_days !== null;
    return { name: t('expiry.never'), help: though ? t('expiry.never_though') : '' };
  }
  const name = tn(choice.key === 'maximum' ? 'expiry.maximum' : 'expiry.days', choice.n_days);
  return { name, help: t('expiry.through', { day: utcDay(choice.last_day) }) };
}

/** The last day that may be chosen as a date; empty where any may be. */
export function lastDay(choices: readonly core.Choice[], policy: PolicySettings): string {
  if (policy.maximum_expiry_days === null) return '';
  const days = choices.map((choice) => choice.last_day).filter((day) => day !== null);
  return days.at(-1) ?? '';
}

function draftOf({ label, wish, date }: Filled, choices: readonly core.Choice[]): Draft {
  if (wish === 'date') return { label, expires_on: date };
  const expires_at = choices.find((choice) => choice.key === wish)?.expires_at;
  return expires_at ? { label, expires_at } : { label };
}

/** Asks the core what the host would say now. */
export function judge(
  filled: Filled,
  choices: readonly core.Choice[],
  policy: Policy,
  nActive: number,
): Verdict {
  const draft = draftOf(filled, choices);
  const judged = core.judgeDraft(draft, policy, nActive);
  const mistakes = 'refused' in judged ? judged.refused.errors : [];
  const about = (start: string) => mistakes.find(({ pointer }) => pointer.startsWith(start));
  // The end is told before there is a label, too.
  const dated = core.judgeDraft({ ...draft, label: '–' }, policy, nActive);
  return {
    draft,
    mistakes,
    label: about('/label'),
    expiry: about('/expires'),
    other: mistakes.find(({ pointer }) => !/^\/(label|expires)/.test(pointer)),
    words: 'accepted' in dated ? expiryWords(dated.accepted.expires_at) : '',
  };
}

function expiryWords(expiresAt: string | null): string {
  if (expiresAt === null) return t('create.never_expires');
  return t('create.will_expire', { when: both(expiresAt), away: away(expiresAt) });
}

/** Until when a new token works, in words. */
export function validityWords(expiresAt: string | null): string {
  if (expiresAt === null) return t('create.never_expires');
  return t('secret.until', { when: both(expiresAt) });
}
