// A framed sentence: what is good, what to know, what went wrong.
import { html, type TemplateResult } from 'lit';
import * as icons from '../icons.ts';

export type Mood = 'good' | 'info' | 'warning' | 'error';

const ICONS = { good: icons.good, info: icons.info, warning: icons.warning, error: icons.warning };

/** Errors are spoken at once; the rest when the person pauses. */
export function callout(mood: Mood, words: unknown): TemplateResult {
  return html`<div class="callout ${mood}" role=${mood === 'error' ? 'alert' : 'status'}>
    ${ICONS[mood]}<div>${words}</div>
  </div>`;
}
