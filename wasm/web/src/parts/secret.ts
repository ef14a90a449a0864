// Shows a new token's secret, once: copies it, says where it goes, warns before it is lost.
import { html } from 'lit';
import { validityWords } from 'exportgate-shared/draft.ts';
import type { Created } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';
import * as icons from '../icons.ts';
import { Part } from '../screen.ts';
import { callout } from './callout.ts';
import { askInDialog } from './dialog.ts';

interface State {
  copied: boolean;
  /** The browser does not let us write to the clipboard. */
  blocked: boolean;
}

export class EgSecret extends Part<State> {
  created!: Created;
  userName!: string;
  protected state: State = { copied: false, blocked: false };
  private readonly warn = (event: BeforeUnloadEvent): void => {
    if (!this.state.copied) event.preventDefault();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('beforeunload', this.warn);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('beforeunload', this.warn);
  }

  /** Asks before a secret that nobody copied is lost. */
  mayLeave(): Promise<boolean> {
    if (this.state.copied) return Promise.resolve(true);
    return askInDialog({
      title: t('secret.leave'),
      body: html`<p>${t('secret.leave_lead')}</p>`,
      confirm: t('secret.leave_do'),
      cancel: t('secret.stay'),
      danger: true,
    });
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.created.secret);
      this.set({ copied: true, blocked: false });
    } catch {
      this.set({ blocked: true });
      const secret = this.querySelector<HTMLInputElement>('#secret');
      secret?.focus();
      secret?.select();
    }
  }

  protected override render() {
    const { token, secret } = this.created;
    const { copied, blocked } = this.state;
    return html`<section class="card">
      <p>${t('secret.once', { label: token.label })}</p>
      <label for="secret">${t('secret')}</label>
      <div class="secret">
        <input id="secret" readonly .value=${secret} autocomplete="off" spellcheck="false"
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
          @copy=${() => this.set({ copied: true })} />
        <button class="primary" @click=${this.copy}>${icons.copy}${t('copy')}</button>
      </div>
      <div aria-live="polite">${
        copied
          ? callout('good', t('secret.copied'))
          : blocked
            ? callout('warning', t('secret.blocked'))
            : callout('warning', t('secret.not_copied'))
      }</div>
      <p class="help">${validityWords(token.expires_at)}</p>
      <h2>${t('power_bi.title')}</h2>
      <ol>
        <li>${t('power_bi.source')}</li>
        <li>${t('power_bi.basic')}</li>
        <li>${t('power_bi.user')} <code>${this.userName}</code></li>
        <li>${t('power_bi.password')}</li>
      </ol>
      <p class="help">${t('power_bi.one_each')}</p>
      <div class="buttons"><a class="button" href="#/tokens">${t('secret.done')}</a></div>
    </section>`;
  }
}
customElements.define('eg-secret', EgSecret);
