// What the verification has proven, framed: good or bad at a glance, then sentence by sentence.
import { html, type TemplateResult } from 'lit';
import { findingWords } from 'exportgate-shared/history/finding.ts';
import { type Finding, isGood } from 'exportgate-shared/history/verify.ts';
import { t } from 'exportgate-shared/text.ts';
import { callout } from '../parts/callout.ts';

export function findingCallout(finding: Finding): TemplateResult {
  const good = isGood(finding);
  return callout(
    good ? 'good' : 'error',
    html`
    <h2>${good ? t('verify.good') : t('verify.bad')}</h2>
    <ul>${findingWords(finding).map((sentence) => html`<li>${sentence}</li>`)}</ul>
    <p class="help">${t('verify.origin', { origin: finding.origin })}</p>
    ${good ? '' : html`<p>${t('verify.bad_do')}</p>`}`,
  );
}
