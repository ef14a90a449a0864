// After a creation without an answer: says that a token may exist whose secret nobody saw, looks
// for it, and revokes it.
import { html } from 'lit';
import { wordsFor } from 'exportgate-shared/errors.ts';
import type { Token } from 'exportgate-shared/shapes.ts';
import { t, tn } from 'exportgate-shared/text.ts';
import { type Lost, maybeLost } from 'exportgate-shared/tokens.ts';
import * as api from '../api.ts';
import { Part } from '../screen.ts';
import { callout } from './callout.ts';
import { revoke } from './token-deeds.ts';
import { when } from './when.ts';

interface State {
  found: Token[] | undefined;
  busy: boolean;
  failure: unknown;
}

export class EgLostSecret extends Part<State> {
  lost!: Lost;
  protected state: State = { found: undefined, busy: false, failure: undefined };

  private async look(): Promise<void> {
    if (this.state.busy) return;
    this.set({ busy: true, failure: undefined });
    try {
      const page = await api.listTokens({ status: 'active', label: this.lost.label });
      this.set({ found: maybeLost(page.items, this.lost), busy: false });
    } catch (failure) {
      this.set({ failure, busy: false });
    }
  }

  private async revoke(token: Token): Promise<void> {
    if ((await revoke(token)) === undefined) return;
    this.set({ found: this.state.found?.filter((other) => other !== token) });
  }

  protected override render() {
    const { found, busy, failure } = this.state;
    return html`${callout(
      'error',
      html`<p><strong>${t('lost.title')}</strong></p>
        <p>${t('lost.lead', { label: this.lost.label })}</p>`,
    )}
      ${failure === undefined ? '' : callout('warning', wordsFor(failure))}
      ${
        found === undefined
          ? ''
          : found.length === 0
            ? callout('good', t('lost.none'))
            : html`${callout('warning', tn('lost.found', found.length))}
          <ul class="plain">${found.map(
            (token) => html`<li>${token.label} <code>…${token.hint}</code> ${when(token.created_at)}
            <button type="button" class="danger" @click=${() => this.revoke(token)}>${t('revoke')}</button></li>`,
          )}</ul>`
      }
      <button type="button" aria-disabled=${busy} @click=${this.look}>${busy ? t('working') : t('lost.look')}</button>`;
  }
}
customElements.define('eg-lost-secret', EgLostSecret);
