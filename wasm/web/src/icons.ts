// The drawings beside words; each is decoration, the words are always there.
import { html, svg, type SVGTemplateResult } from 'lit';

const icon = (drawing: SVGTemplateResult) =>
  html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${drawing}</svg>`;

export const active = icon(svg`<circle cx="8" cy="8" r="6.2"/><path d="m5 8.2 2.2 2.2L11.2 6"/>`);
export const expired = icon(svg`<circle cx="8" cy="8" r="6.2"/><path d="M8 4.6V8l2.4 1.6"/>`);
export const revoked = icon(svg`<circle cx="8" cy="8" r="6.2"/><path d="m3.8 12.2 8.4-8.4"/>`);
export const warning = icon(svg`<path d="M8 2 1.6 13.4h12.8zM8 6.4v3.2M8 11.6v.2"/>`);
export const info = icon(svg`<circle cx="8" cy="8" r="6.2"/><path d="M8 7.4v3.8M8 4.8v.2"/>`);
export const good = active;
export const copy = icon(
  svg`<rect x="5.6" y="5.6" width="8" height="8" rx="1.4"/><path d="M10.4 5.4V3.8a1.4 1.4 0 0 0-1.4-1.4H3.8a1.4 1.4 0 0 0-1.4 1.4V9a1.4 1.4 0 0 0 1.4 1.4h1.6"/>`,
);
export const plus = icon(svg`<path d="M8 3v10M3 8h10"/>`);
export const gate = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect width="32" height="32" rx="7"/>
  <path d="M9 25V13a7 7 0 0 1 14 0v12M16 13v12M9 19h14"/>
</svg>`;
