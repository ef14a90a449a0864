// Sign-in with a provider or a one-time code: as a screen, and in a window when a session ran out.
import { html, nothing, type TemplateResult } from 'lit';
import { wordsFor } from 'exportgate-shared/errors.ts';
import { Problem } from 'exportgate-shared/problem.ts';
import type { Me, Provider } from 'exportgate-shared/shapes.ts';
import { known, t } from 'exportgate-shared/text.ts';
import * as api from '../api.ts';
import { callout } from '../parts/callout.ts';
import { keepPlace } from '../route.ts';
import { Part } from '../screen.ts';
import { onTabTold } from '../tabs.ts';

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
  providers: readonly Provider[] = [];
  /** Why nobody came back from a provider. */
  failed: Problem | null = null;
  protected state: State = { code: '', busy: false, failure: undefined, missing: false };
  private deaf: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.deaf = onTabTold(() => void this.signedInElsewhere());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.deaf?.();
  }

  /** Puts the keyboard into the one field, or before several ways to choose from. */
  async begin(): Promise<void> {
    await this.focusOn(this.providers.length === 0 ? '#code' : 'h1');
  }

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
      this.welcome(me);
    } catch (failure) {
      this.set({ busy: false, failure });
      await this.focusOn('input');
    }
  }

  private async signedInElsewhere(): Promise<void> {
    try {
      this.welcome(await api.me());
    } catch {
      // Nobody after all: this waits on.
    }
  }

  private welcome(me: Me): void {
    this.dispatchEvent(new CustomEvent<Me>('signed-in', { detail: me, bubbles: true }));
  }

  private words(failure: unknown): string {
    const wrong = failure instanceof Problem && failure.code === 'credential.invalid';
    return wrong ? t('page.sign_in.wrong') : wordsFor(failure);
  }

  private lead(): string {
    if (this.reason === 'ended') return t('page.sign_in.ended');
    if (this.providers.length === 0) return t('page.sign_in.lead');
    return this.providers.length > 1 ? t('page.sign_in.choose') : '';
  }

  private whyFailed(problem: Problem): TemplateResult {
    const key = `page.failed.${problem.code}`;
    if (!known(key)) return callout('error', wordsFor(problem));
    const { requestId } = problem;
    return callout(
      'error',
      html`<p>${t(key)}</p>
        ${requestId === null ? '' : html`<p class="help">${t('page.sign_in.number', { id: requestId })}</p>`}`,
    );
  }

  /** A link and no button: it leads to the provider, and the browser shows where to. */
  private provider({ display_name: name, url }: Provider): TemplateResult {
    const look = this.providers.length === 1 ? 'button primary' : 'button';
    // What was typed behind the window stays in this tab.
    const apart = this.reason === 'ended';
    return html`<li>
      <a class=${look} href=${url} @click=${apart ? nothing : keepPlace}
        target=${apart ? '_blank' : nothing} rel=${apart ? 'noopener' : nothing}
        aria-describedby=${apart ? 'new-tab' : nothing}>${t('page.sign_in.with', { name })}</a>
    </li>`;
  }

  private form(): TemplateResult {
    const { code, busy, failure, missing } = this.state;
    const alone = this.providers.length === 0;
    return html`<form @submit=${this.submit} novalidate>
      <label for="code">${t('page.sign_in.code')}</label>
      <input
        id="code" name="code" autocomplete="one-time-code" autocapitalize="off" spellcheck="false"
        .value=${code} ?readonly=${busy}
        aria-invalid=${missing || failure !== undefined}
        aria-describedby="code-help code-missing"
        @input=${(event: Event) => this.set({ code: (event.target as HTMLInputElement).value })}
      />
      <p id="code-help" class="help">${t('page.sign_in.help')}</p>
      <p id="code-missing" class="mistake">${missing ? t('page.sign_in.missing') : ''}</p>
      ${failure === undefined ? '' : callout('error', this.words(failure))}
      <button class=${alone ? 'primary' : ''} aria-disabled=${busy}>${busy ? t('working') : t('page.sign_in.do')}</button>
    </form>`;
  }

  protected override render() {
    const { code, failure } = this.state;
    const { providers, failed, reason } = this;
    const lead = this.lead();
    const codeIsWanted =
      code !== '' || failure !== undefined || failed?.code === 'sign_in.provider_unavailable';
    return html`<div class="sign-in card">
      <h1 tabindex="-1">${t('page.sign_in.title')}</h1>
      ${lead === '' ? '' : html`<p>${lead}</p>`}
      ${failed === null || failure !== undefined ? '' : this.whyFailed(failed)}
      ${
        providers.length === 0
          ? this.form()
          : html`<ul class="plain providers">${providers.map((one) => this.provider(one))}</ul>
            ${reason === 'ended' ? html`<p id="new-tab" class="help">${t('page.sign_in.new_tab')}</p>` : ''}
            <details ?open=${codeIsWanted}>
              <summary><h2>${t('page.sign_in.by_code')}</h2></summary>
              ${this.form()}
            </details>`
      }
    </div>`;
  }
}
customElements.define('eg-sign-in', EgSignIn);
