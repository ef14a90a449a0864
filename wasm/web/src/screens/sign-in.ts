// Sign-in with a one-time code: as a screen, and in a window when a session ran out.
import { html } from 'lit';
import { wordsFor } from 'exportgate-shared/errors.ts';
import { Problem } from 'exportgate-shared/problem.ts';
import type { Me } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';
import * as api from '../api.ts';
import { callout } from '../parts/callout.ts';
import { Part } from '../screen.ts';

interface State {
  code: string;
  busy: boolean;
  failure: unknown;
  missing: boolean;
}

/** Fires `signed-in` with the person. */
export class EgSignIn extends Part<State> {
  /** Why it is shown; nothing at the first visit. */
  reason: 'ended' | undefined;
  protected state: State = { code: '', busy: false, failure: undefined, missing: false };

  /** Signs in with the code of a link. */
  async use(code: string): Promise<void> {
    this.set({ code });
    await this.submit();
  }

  private async submit(event?: Event): Promise<void> {
    event?.preventDefault();
    // A person may paste the whole link.
    const code = this.state.code.trim().replace(/^.*#code=/, '');
    if (this.state.busy) return;
    if (code === '') {
      this.set({ missing: true });
      await this.focusOn('input');
      return;
    }
    this.set({ busy: true, failure: undefined, missing: false });
    try {
      const me = await api.signIn(code);
      this.set({ code: '', busy: false });
      this.dispatchEvent(new CustomEvent<Me>('signed-in', { detail: me, bubbles: true }));
    } catch (failure) {
      this.set({ busy: false, failure });
      await this.focusOn('input');
    }
  }

  private words(failure: unknown): string {
    const wrong = failure instanceof Problem && failure.code === 'credential.invalid';
    return wrong ? t('page.sign_in.wrong') : wordsFor(failure);
  }

  protected override render() {
    const { code, busy, failure, missing } = this.state;
    return html`<form class="sign-in card" @submit=${this.submit} novalidate>
      <h1>${t('page.sign_in.title')}</h1>
      <p>${this.reason === 'ended' ? t('page.sign_in.ended') : t('page.sign_in.lead')}</p>
      <label for="code">${t('page.sign_in.code')}</label>
      <input
        id="code" name="code" autocomplete="one-time-code" autocapitalize="off" spellcheck="false"
        .value=${code} ?readonly=${busy} data-first
        aria-invalid=${missing || failure !== undefined}
        aria-describedby="code-help code-missing"
        @input=${(event: Event) => this.set({ code: (event.target as HTMLInputElement).value })}
      />
      <p id="code-help" class="help">${t('page.sign_in.help')}</p>
      <p id="code-missing" class="mistake">${missing ? t('page.sign_in.missing') : ''}</p>
      ${failure === undefined ? '' : callout('error', this.words(failure))}
      <button class="primary" aria-disabled=${busy}>${busy ? t('working') : t('page.sign_in.do')}</button>
    </form>`;
  }
}
customElements.define('eg-sign-in', EgSignIn);
