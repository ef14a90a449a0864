// The last 28 days of a token as small bars.
import { html, svg, type TemplateResult } from 'lit';
import { bars, lastDays, usesWords } from 'exportgate-shared/bars.ts';
import type { DayCount } from 'exportgate-shared/shapes.ts';

const WIDTH = 112;
const HEIGHT = 24;

/** Draws the days that had exports. */
export function sparkline(uses: readonly DayCount[]): TemplateResult {
  const days = lastDays(uses);
  const words = usesWords(days);
  return html`<svg class="spark" width=${WIDTH} height=${HEIGHT} role="img" aria-label=${words}>
    <title>${words}</title>
    <line x1="0" x2=${WIDTH} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5} />
    ${bars(days, WIDTH, HEIGHT).map(
      ({ kind, x, y, width, height }) =>
        svg`<rect class=${kind} x=${x} y=${y} width=${width} height=${height}/>`,
    )}
  </svg>`;
}
