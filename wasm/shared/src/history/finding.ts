// Says in words what the verification has proven, and what it has not.
import { both, number } from '../dates.ts';
import { t, tn, word } from '../text.ts';
import { AT_MOST, type Finding, isGood } from './verify.ts';

/** The finding, one sentence each. */
export function findingWords(finding: Finding): string[] {
  const { signature, size, proven, unproven, younger, since, remembered } = finding;
  if (signature !== 'good') return [word('verify.signature', signature)];
  const words = [tn('verify.signature', size)];
  if (proven.length > 0) {
    words.push(tn('verify.proven', proven.length));
    if (proven.length === AT_MOST) words.push(t('verify.at_most', { n: AT_MOST }));
  }
  if (unproven.length > 0) {
    words.push(tn('verify.unproven', unproven.length, { which: unproven.map(number).join(', ') }));
  }
  if (younger.length > 0) words.push(tn('verify.younger', younger.length));
  switch (since.kind) {
    case 'first':
    case 'blocked':
      // What is not proven is not kept either.
      if (isGood(finding)) words.push(t(remembered ? 'verify.first' : 'verify.not_kept'));
      break;
    case 'same':
      words.push(t('verify.same', { when: both(since.seen.at) }));
      break;
    case 'grown':
      words.push(
        t('verify.grown', {
          when: both(since.seen.at),
          before: number(since.seen.size),
          more: number(size - since.seen.size),
        }),
      );
      break;
    case 'broken':
      words.push(
        t('verify.broken', {
          when: both(since.seen.at),
          before: number(since.seen.size),
          now: number(size),
        }),
      );
      break;
    case 'other_key':
      words.push(t('verify.other_key', { when: both(since.seen.at) }));
      break;
  }
  return words;
}
