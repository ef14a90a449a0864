// When existing tokens would end: one line each, from the new end to the old one.
import { html, svg, type TemplateResult } from 'lit';
import { both, instant, number, utcDay } from 'exportgate-shared/dates.ts';
import { type Lane, lanes } from 'exportgate-shared/lanes.ts';
import type { EndingEarlier } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';

const WIDTH = 1000;
/** The table of tokens with a drawing in each row, on one common scale. */
export function timeline(ending: EndingEarlier[]): TemplateResult {
  const { lanes: rows, latest } = lanes(ending, WIDTH);
  const row = ({ token, end, old }: Lane) => {
    return html`<tr role="row">
      <th role="rowheader" scope="row"><span class="label">${token.label}</span><span class="help">${token.owner.user_name}</span></th>
      <td role="cell" data-name=${t('preview.uses')}>${t('preview.per_week', { n: number(token.uses_per_week) })}</td>
      <td role="cell" data-name=${t('preview.now')}>${token.old_expires_at === null ? t('never') : instant(token.old_expires_at)}</td>
      <td role="cell" data-name=${t('preview.then')}><strong title=${both(token.new_expires_at)}>${instant(token.new_expires_at)}</strong></td>
      <td role="cell" class="lane"><svg viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" aria-hidden="true">
        ${svg`<line class="kept" x1="0" x2=${end} y1="10" y2="10"/><line class="lost" x1=${end} x2=${old} y1="10" y2="10"/>
        <line class="end-mark" x1=${end} x2=${end} y1="2" y2="18"/>`}
      </svg></td>
    </tr>`;
  };
  return html`<table role="table" class="cards timeline" aria-label=${t('preview.table')}>
    <thead role="rowgroup"><tr role="row">
      ${(['label', 'preview.uses', 'preview.now', 'preview.then'] as const).map((name) => html`<th role="columnheader" scope="col">${t(name)}</th>`)}
      <th role="columnheader" scope="col" class="scale"><span>${t('today')}</span><span>${utcDay(latest)}</span></th>
    </tr></thead>
    <tbody role="rowgroup">${rows.map(row)}</tbody>
  </table>`;
}
