// The screen "Policy", for administrators: the settings, what they mean, what they would change,
// and their application to existing tokens.
import { html, type TemplateResult } from 'lit';
import { both, number } from 'exportgate-shared/dates.ts';
import { mistakeWords, wordsFor } from 'exportgate-shared/errors.ts';
import {
  DEFAULT_NOTICE,
  FIRST_LIMITS,
  type Limit,
  mistakesIn,
  policyWords,
  sameSettings,
  settings,
  withLimit,
} from 'exportgate-shared/policy.ts';
import { Problem } from 'exportgate-shared/problem.ts';
import type { Mistake, Policy, PolicySettings, Preview } from 'exportgate-shared/shapes.ts';
import { t, tn } from 'exportgate-shared/text.ts';
import * as api from '../api.ts';
import { callout } from '../parts/callout.ts';
import { askInDialog } from '../parts/dialog.ts';
import { notice } from '../parts/notice.ts';
import { timeline } from '../parts/timeline.ts';
import { Screen } from '../screen.ts';

const PAUSE_MILLIS = 300;
/** Rows that are drawn at once; the rest on demand. */
const ROWS = 100;

interface State {
  saved: Policy | undefined;
  wish: PolicySettings;
  noticeDays: number;
  preview: Preview | undefined;
  mistakes: Mistake[];
  rows: number;
  saving: boolean;
  failure: unknown;
  /** What somebody else saved meanwhile. */
  theirs: Policy | undefined;
  previewFailure: unknown;
}

export class EgPolicy extends Screen<State> {
  protected state: State = {
    saved: undefined,
    wish: { maximum_expiry_days: null, automatic_expiration: false, maximum_active_tokens: null },
    noticeDays: DEFAULT_NOTICE,
    preview: undefined,
    mistakes: [],
    rows: ROWS,
    saving: false,
    failure: undefined,
    theirs: undefined,
    previewFailure: undefined,
  };
  private request = new AbortController();
  private pause = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.request.abort();
    clearTimeout(this.pause);
  }

  private get dirty(): boolean {
    const { saved, wish } = this.state;
    return saved !== undefined && !sameSettings(saved, wish);
  }

  override mayLeave(): Promise<boolean> {
    if (!this.dirty) return Promise.resolve(true);
    return askInDialog({
      title: t('policy.leave'),
      body: html`<p>${t('policy.leave_lead')}</p>`,
      confirm: t('policy.leave_do'),
      cancel: t('policy.stay'),
      danger: true,
    });
  }

  private async load(): Promise<void> {
    this.set({ failure: undefined });
    try {
      this.take(await api.readPolicy());
    } catch (failure) {
      this.set({ failure });
    }
  }

  /** Goes on from what the host has; the form follows unless what it holds shall be kept. */
  private take(saved: Policy, keepWish = false): void {
    const wish = keepWish ? this.state.wish : settings(saved);
    this.set({ saved, wish, failure: undefined, theirs: undefined });
    this.look(0);
  }

  private wish(change: Partial<PolicySettings>): void {
    const wish = { ...this.state.wish, ...change };
    this.set({ wish, failure: undefined });
    this.look();
  }

  /** Asks the host what this would change now. */
  private look(pause = PAUSE_MILLIS): void {
    clearTimeout(this.pause);
    this.request.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    this.pause = window.setTimeout(async () => {
      try {
        const preview = await api.previewPolicy(this.state.wish, this.state.noticeDays, signal);
        if (!signal.aborted)
          this.set({ preview, mistakes: [], previewFailure: undefined, rows: ROWS });
      } catch (failure) {
        if (signal.aborted) return;
        const mistakes = mistakesIn(failure);
        this.set({
          preview: undefined,
          mistakes,
          previewFailure: mistakes.length > 0 ? undefined : failure,
        });
      }
    }, pause);
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const { saved, saving, wish } = this.state;
    if (saving || saved === undefined || !this.dirty) return;
    this.set({ saving: true, failure: undefined });
    try {
      const changed = await api.changePolicy(wish, saved.version);
      this.set({ saving: false });
      this.take(changed);
      notice(t('policy.saved'));
    } catch (failure) {
      const mistakes = mistakesIn(failure);
      this.set({ saving: false, mistakes, failure: mistakes.length > 0 ? undefined : failure });
      if (failure instanceof Problem && failure.status === 412) {
        this.set({ theirs: await api.readPolicy().catch(() => undefined) });
      }
    }
  }

  private async apply(preview: Preview): Promise<void> {
    const { saved, noticeDays } = this.state;
    if (saved === undefined) return;
    let n = 0;
    const done = await askInDialog({
      title: tn('apply.title', preview.n_ending_earlier),
      body: html`<p>${tn('apply.lead', noticeDays)}</p>
        <p>${tn('preview.in_use', preview.n_ending_earlier_in_use)}</p><p>${t('apply.for_ever')}</p>`,
      confirm: t('apply.do'),
      danger: true,
      act: async () => {
        n = (await api.applyPolicy(noticeDays, saved.version)).n_changed;
      },
    });
    if (done) notice(tn('apply.done', n));
    this.look(0);
  }

  private limit(name: Limit): TemplateResult {
    const value = this.state.wish[name];
    const mistake = this.state.mistakes.find((mistake) => mistake.pointer === `/${name}`);
    return html`<div class="field">
      <label class="choice"><input type="checkbox" .checked=${value !== null}
        @change=${(event: Event) => {
          const on = (event.target as HTMLInputElement).checked;
          const limit = on ? (this.state.saved?.[name] ?? FIRST_LIMITS[name]) : null;
          this.wish(withLimit(this.state.wish, name, limit));
        }} /><span>${t(`policy.${name}`)}</span></label>
      <div class="indent">
        <label for=${name} class="hidden">${t(`policy.${name}_unit`)}</label>
        <input id=${name} type="number" inputmode="numeric" class="short" min="1" .value=${value === null ? '' : String(value)} ?disabled=${value === null}
          aria-invalid=${mistake !== undefined} aria-describedby="${name}-mistake"
          @input=${(event: Event) => this.wish({ [name]: Math.trunc((event.target as HTMLInputElement).valueAsNumber || 0) })} />
        <span aria-hidden="true">${t(`policy.${name}_unit`)}</span>
        <p id="${name}-mistake" class="mistake" role="status">${mistake ? mistakeWords(mistake) : ''}</p>
      </div></div>`;
  }

  private form(): TemplateResult {
    const { wish, saving, mistakes, failure, saved } = this.state;
    const mistake = mistakes.find(({ pointer }) => pointer === '/automatic_expiration');
    return html`<form class="card" @submit=${this.save} novalidate>
      ${this.limit('maximum_expiry_days')}
      <div class="field">
        <label class="choice"><input id="automatic" type="checkbox" .checked=${wish.automatic_expiration}
          ?disabled=${wish.maximum_expiry_days === null} aria-describedby="automatic-help automatic-mistake"
          @change=${(event: Event) => this.wish({ automatic_expiration: (event.target as HTMLInputElement).checked })} />
          <span>${t('policy.automatic')}</span></label>
        <p id="automatic-help" class="help indent">${t('policy.automatic_help')}</p>
        <p id="automatic-mistake" class="mistake" role="status">${mistake ? mistakeWords(mistake) : ''}</p>
      </div>
      ${this.limit('maximum_active_tokens')}
      ${mistakes.length > 0 ? '' : html`<p class="verdict" role="status">${policyWords(wish)}</p>`}
      ${failure === undefined ? '' : this.failed(failure)}
      <div class="buttons">
        ${saved?.updated_at ? html`<span class="help">${t('policy.changed', { when: both(saved.updated_at), who: saved.updated_by?.user_name ?? t('actor.operator') })}</span>` : ''}
        <button type="button" ?disabled=${!this.dirty} @click=${() => saved && this.wish(settings(saved))}>${t('policy.reset')}</button>
        <button class="primary" ?disabled=${!this.dirty || mistakes.length > 0} aria-disabled=${saving}>${saving ? t('working') : t('policy.save')}</button>
      </div>
    </form>`;
  }

  /** Somebody else was faster: what they wrote, to be kept or overwritten. */
  private failed(failure: unknown): TemplateResult {
    const { theirs } = this.state;
    return html`${callout(
      'error',
      theirs === undefined
        ? wordsFor(failure)
        : html`<p>${wordsFor(failure)}</p>
        <p><strong>${t('policy.theirs', { who: theirs.updated_by?.user_name ?? t('actor.operator') })}</strong> ${policyWords(theirs)}</p>`,
    )}
      ${
        theirs === undefined
          ? ''
          : html`<div class="buttons start">
        <button type="button" @click=${() => this.take(theirs, true)}>${t('policy.keep_mine')}</button>
        <button type="button" @click=${() => this.take(theirs)}>${t('policy.take_theirs')}</button></div>`
      }`;
  }

  private previewed(preview: Preview): TemplateResult {
    const { rows, noticeDays } = this.state;
    const { ending_earlier: ending, n_ending_earlier: n, n_active } = preview;
    if (n === 0) return callout('good', tn('preview.none', n_active));
    return html`
      <p>${tn('preview.n', n, { active: number(n_active) })} ${tn('preview.in_use', preview.n_ending_earlier_in_use)}</p>
      ${timeline(ending.slice(0, rows))}
      ${ending.length <= rows ? '' : html`<button @click=${() => this.set({ rows: rows + ROWS })}>${tn('preview.more', ending.length - rows)}</button>`}
      ${
        this.dirty
          ? html`<p class="help">${t('apply.save_first')}</p>`
          : html`<div class="buttons start">
        <button class="danger" @click=${() => this.apply(preview)}>${tn('apply', n)}</button>
        <span class="help">${tn('apply.notice', noticeDays)}</span></div>`
      }`;
  }

  private settled(): TemplateResult {
    const { preview, previewFailure, noticeDays, mistakes } = this.state;
    const wrong = mistakes.find(({ pointer }) => pointer === '/notice_days');
    return html`<p>${t('policy.lead')}</p>
      ${this.form()}
      <section class="card" aria-labelledby="preview-title">
        <h2 id="preview-title">${t('preview.title')}</h2>
        <p>${t('preview.lead')}</p>
        <div class="field"><label for="notice_days">${t('preview.notice')}</label>
          <input id="notice_days" type="number" inputmode="numeric" class="short" min="0" .value=${String(noticeDays)} aria-invalid=${wrong !== undefined}
            aria-describedby="notice-mistake"
            @input=${(event: Event) => {
              this.set({
                noticeDays: Math.trunc((event.target as HTMLInputElement).valueAsNumber || 0),
              });
              this.look();
            }} />
          <p id="notice-mistake" class="mistake" role="status">${wrong ? mistakeWords(wrong) : ''}</p></div>
        <div aria-live="polite">${preview === undefined ? '' : this.previewed(preview)}</div>
        ${previewFailure === undefined ? '' : html`${callout('error', wordsFor(previewFailure))}<button @click=${() => this.look(0)}>${t('again')}</button>`}
      </section>`;
  }

  protected override render() {
    const { saved, failure } = this.state;
    return html`<h1 tabindex="-1">${t('nav.policy')}</h1>
      ${
        saved !== undefined
          ? this.settled()
          : failure === undefined
            ? html`<p class="help">${t('loading')}</p>`
            : html`${callout('error', wordsFor(failure))}<button @click=${this.load}>${t('again')}</button>`
      }`;
  }
}
customElements.define('eg-policy', EgPolicy);
