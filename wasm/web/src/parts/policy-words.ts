// What a policy means for people: the settings, told in the page's language.
import { t, tn } from '../i18n.ts';
import type { PolicySettings } from '../shapes.ts';

export function policyWords(policy: PolicySettings): string {
  const { maximum_expiry_days: days, maximum_active_tokens: active } = policy;
  const expiry = days === null ? t('meaning.any')
    : policy.automatic_expiration ? tn('meaning.automatic', days) : tn('meaning.maximum', days);
  return `${expiry} ${active === null ? t('meaning.any_number') : tn('meaning.at_most', active)}`;
}
