// The screen "Create": a label and an expiry that the core judges while one types, one request,
// and then the secret, once.
import { html, type TemplateResult } from 'lit';
import { hostNow } from 'exportgate-shared/clock.ts';
import * as core from 'exportgate-shared/core.ts';
import { choiceWords, firstWish, judge, lastDay, type Wish } from 'exportgate-shared/draft.ts';
import { mistakeWords, wordsFor } from 'exportgate-shared/errors.ts';
import { Problem } from 'exportgate-shared/problem.ts';
import type { Created, Mistake, Policy } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';
import type { Lost } from 'exportgate-shared/tokens.ts';
import * as api from '../api.ts';
import { callout } from '../parts/callout.ts';
import { Screen } from '../screen.ts';
import '../parts/lost-secret.ts';
import '../parts/secret.ts';
import type { EgSecret } from '../parts/secret.ts';

interface State {
  policy: Policy | undefined;
  nActive: number;
  label: string;
  wish: Wish | undefined;
  date: string;
  /** The label was typed in, or sending was tried: now mistakes are shown. */
  touched: boolean;
  sending: boolean;
  failure: unknown;
  /** Nobody knows whether this was created. */
  unknown: Lost | undefined;
  created: Created | undefined;
}

const FRESH: Omit<State, 'policy' | 'nActive'> = {
  label: '',
  wish: undefined,
  date: '',
  touched: false,
  sending: false,
  failure: undefined,
  unknown: undefined,
  created: undefined,
};

export class EgCreate extends Screen<State> {
  protected state: State = { policy: undefined, nActive: 0, ...FRESH };
  /** The page must not come back from the browser's cache with the secret. */
  private readonly forget = (): void => this.set({ created: undefined });

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('pagehide', this.forget);
    void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('pagehide', this.forget);
    this.state.created = undefined;
  }

  override mayLeave(): Promise<boolean> {
    const secret = this.querySelector<EgSecret>('eg-secret');
    return secret === null ? Promise.resolve(true) : secret.mayLeave();
  }

  private async load(): Promise<void> {
    this.set({ failure: undefined });
    try {
      const [policy, page] = await Promise.all([api.readPolicy(), api.listTokens({ limit: 1 })]);
      this.set({ policy, nActive: page.n_active, wish: firstWish(core.expiryChoices(policy)) });
      await this.focusOn('#label');
    } catch (failure) {
      this.set({ failure });
    }
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const { policy, sending, nActive } = this.state;
    // A second click while the first is on its way makes no second token.
    if (sending || policy === undefined) return;
    const { draft, mistakes } = judge(this.state, core.expiryChoices(policy), policy, nActive);
    this.set({ touched: true, failure: undefined });
    if (mistakes[0] !== undefined) {
      await this.focusOn(mistakes[0].pointer === '/label' ? '#label' : '[name=expiry]:checked');
      return;
    }
    const since = hostNow();
    this.set({ sending: true, unknown: undefined });
    try {
      const created = await api.createToken(draft);
      this.set({ ...FRESH, created });
      await this.focusOn('h1');
    } catch (failure) {
      const known = failure instanceof Problem && failure.changedNothing;
      const unknown = known ? undefined : { label: draft.label.trim(), since };
      this.set({ sending: false, failure: known ? failure : undefined, unknown });
    }
  }

  private choice(choice: core.Choice, policy: Policy): TemplateResult {
    const { name, help } = choiceWords(choice, policy);
    return this.radio(choice.key, name, help);
  }

  private radio(key: Wish, name: string, until: string): TemplateResult {
    return html`<label class="choice"><input type="radio" name="expiry" value=${key}
        .checked=${this.state.wish === key} @change=${() => this.set({ wish: key, failure: undefined })} />
      <span>${name} <span class="help">${until}</span></span></label>`;
  }

  private form(policy: Policy): TemplateResult {
    const { label, wish, date, touched, sending, failure, unknown, nActive } = this.state;
    const choices = core.expiryChoices(policy);
    const verdict = judge(this.state, choices, policy, nActive);
    const labelWrong = touched ? verdict.label : undefined;
    const expiryWrong = wish === 'date' && date === '' && !touched ? undefined : verdict.expiry;
    return html`<form class="card" @submit=${this.send} novalidate>
      <div class="field">
        <label for="label">${t('label')}</label>
        <input id="label" autocomplete="off" .value=${label} ?readonly=${sending}
          aria-invalid=${labelWrong !== undefined} aria-describedby="label-help label-mistake"
          @input=${(event: Event) => this.set({ label: (event.target as HTMLInputElement).value, touched: true })} />
        <p id="label-help" class="help">${t('create.label_help')}</p>
        ${this.mistake('label-mistake', labelWrong)}
      </div>
      <fieldset class="field" aria-describedby="expiry-mistake">
        <legend>${t('expires')}</legend>
        ${choices.map((choice) => this.choice(choice, policy))}
        ${this.radio('date', t('expiry.date'), t('expiry.date_help'))}
        ${
          wish !== 'date'
            ? ''
            : html`<div class="indent"><label class="hidden" for="date">${t('expiry.last_day')}</label>
          <input id="date" type="date" .value=${date} max=${lastDay(choices, policy)} aria-invalid=${expiryWrong !== undefined}
            aria-describedby="expiry-mistake"
            @input=${(event: Event) => this.set({ date: (event.target as HTMLInputElement).value })} /></div>`
        }
        ${this.mistake('expiry-mistake', expiryWrong)}
      </fieldset>
      <p class="verdict" role="status">${verdict.words}</p>
      ${verdict.other === undefined ? '' : callout('warning', mistakeWords(verdict.other))}
      ${failure === undefined ? '' : callout('error', wordsFor(failure))}
      ${unknown === undefined ? '' : html`<eg-lost-secret .lost=${unknown}></eg-lost-secret>`}
      <div class="buttons">
        <a class="button" href="#/tokens">${t('cancel')}</a>
        <button class="primary" aria-disabled=${sending}>${sending ? t('working') : t('create.do')}</button>
      </div>
    </form>`;
  }

  private mistake(id: string, mistake: Mistake | undefined): TemplateResult {
    return html`<p id=${id} class="mistake" role="status">${mistake ? mistakeWords(mistake) : ''}</p>`;
  }

  protected override render() {
    const { created, policy, failure } = this.state;
    if (created !== undefined) {
      return html`<h1 tabindex="-1">${t('created.title')}</h1>
        <eg-secret .created=${created} .userName=${this.me.user_name}></eg-secret>`;
    }
    return html`<h1 tabindex="-1">${t('nav.create')}</h1>
      ${
        policy !== undefined
          ? this.form(policy)
          : failure === undefined
            ? html`<p class="help">${t('loading')}</p>`
            : html`${callout('error', wordsFor(failure))}<button @click=${this.load}>${t('again')}</button>`
      }`;
  }
}
customElements.define('eg-create', EgCreate);
