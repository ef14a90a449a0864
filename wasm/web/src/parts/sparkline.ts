// The last 28 days of a token as small bars, fetched when its row comes into sight.
import { html, svg } from 'lit';
import * as api from '../api.ts';
import { t, tn } from '../i18n.ts';
import { Part } from '../screen.ts';
import type { Uses } from '../shapes.ts';

const WIDTH = 112;
const HEIGHT = 24;
/** So many requests at once; the others wait, so that a long list does not flood the host. */
const AT_ONCE = 4;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(deed: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  running += 1;
  try {
    return await deed();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    void (target as EgSparkline).fetch();
  }
}, { rootMargin: '200px' });

interface State {
  days: Uses['days'] | undefined;
  failed: boolean;
}

export class EgSparkline extends Part<State> {
  static override properties = { tokenId: { attribute: 'token-id' } };
  declare tokenId: string;
  protected state: State = { days: undefined, failed: false };

  override connectedCallback(): void {
    super.connectedCallback();
    seen.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    seen.unobserve(this);
  }

  async fetch(): Promise<void> {
    try {
      const { days } = await inTurn(() => api.uses(this.tokenId));
      this.set({ days });
    } catch {
      this.set({ failed: true });
    }
  }

  protected override render() {
    const { days, failed } = this.state;
    if (failed) return html`<span class="help">${t('uses.unknown')}</span>`;
    if (days === undefined) return html`<svg class="spark" width=${WIDTH} height=${HEIGHT} aria-hidden="true"></svg>`;
    const allowed = days.reduce((sum, day) => sum + day.n_allowed, 0);
    const denied = days.reduce((sum, day) => sum + day.n_denied, 0);
    const words = allowed + denied === 0 ? t('uses.none')
      : `${tn('uses.allowed', allowed)}${denied === 0 ? '' : `, ${tn('uses.denied', denied)}`}`;
    const most = Math.max(1, ...days.map((day) => day.n_allowed + day.n_denied));
    const step = WIDTH / days.length;
    const bar = (index: number, from: number, n: number, kind: string) => {
      const height = n === 0 ? 0 : Math.max(1.5, (n / most) * (HEIGHT - 2));
      const y = HEIGHT - 1 - (from / most) * (HEIGHT - 2) - height;
      return svg`<rect class=${kind} x=${index * step + 0.5} y=${y} width=${step - 1} height=${height}/>`;
    };
    return html`<svg class="spark" width=${WIDTH} height=${HEIGHT} role="img" aria-label=${words}>
      <title>${words}</title>
      <line x1="0" x2=${WIDTH} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5}/>
      ${days.map((day, index) => [
        bar(index, 0, day.n_allowed, 'allowed'),
        bar(index, day.n_allowed, day.n_denied, 'denied'),
      ])}
    </svg>`;
  }
}
customElements.define('eg-sparkline', EgSparkline);
