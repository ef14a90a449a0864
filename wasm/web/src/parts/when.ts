// An instant in a table: here in the browser's zone, in UTC on pointing and for machines.
import { html, type TemplateResult } from 'lit';
import { away, instant, localDay, utc } from 'exportgate-shared/dates.ts';

export const when = (at: string): TemplateResult =>
  html`<time datetime=${at} title=${`${utc(at)} · ${away(at)}`}>${instant(at)}</time>`;

/** The same with its day alone, where the hour says little. */
export const whenDay = (at: string): TemplateResult =>
  html`<time datetime=${at} title=${`${instant(at)} · ${utc(at)} · ${away(at)}`}>${localDay(at)}</time>`;

/** The same as so long ago. */
export const whenAgo = (at: string): TemplateResult =>
  html`<time datetime=${at} title=${`${instant(at)} · ${utc(at)}`}>${away(at)}</time>`;
