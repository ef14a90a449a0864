// What a policy's settings are, and what they mean for people.
import type { Mistake, PolicySettings } from './shapes.ts';
import { Problem } from './problem.ts';
import { t, tn } from './text.ts';

/** The notice in days that an administrator starts with (DOMAIN section 4). */
export const DEFAULT_NOTICE = 7;
/** What a box starts with when its limit is switched on. */
export const FIRST_LIMITS = { maximum_expiry_days: 90, maximum_active_tokens: 25 } as const;
/** The settings that are a number or nothing. */
export type Limit = keyof typeof FIRST_LIMITS;

/** The settings alone, without version and dates. */
export function settings(policy: PolicySettings): PolicySettings {
  const { maximum_expiry_days, automatic_expiration, maximum_active_tokens } = policy;
  return { maximum_expiry_days, automatic_expiration, maximum_active_tokens };
}

/** Whether both say the same. */
export function sameSettings(one: PolicySettings, other: PolicySettings): boolean {
  return JSON.stringify(settings(one)) === JSON.stringify(settings(other));
}

/** The settings with a limit switched on or off. Nothing expires by itself without a maximum. */
export function withLimit(
  policy: PolicySettings,
  limit: Limit,
  value: number | null,
): PolicySettings {
  const without = limit === 'maximum_expiry_days' && value === null;
  return { ...policy, [limit]: value, ...(without && { automatic_expiration: false }) };
}

/** What the settings mean for new tokens. A test holds the sentences to the core's own. */
export function policyWords(policy: PolicySettings): string {
  const { maximum_expiry_days: days, maximum_active_tokens: active } = policy;
  const expiry =
    days === null
      ? t('meaning.any')
      : tn(policy.automatic_expiration ? 'meaning.automatic' : 'meaning.maximum', days);
  return `${expiry} ${active === null ? t('meaning.any_number') : tn('meaning.at_most', active)}`;
}

/** What is wrong with the settings; a conflict of versions is nothing wrong with them. */
export function mistakesIn(failure: unknown): Mistake[] {
  return failure instanceof Problem && failure.status !== 412 ? failure.mistakes : [];
}
