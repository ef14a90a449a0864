// The screen "History": what happened, filtered, drawn, taken home as CSV, and verified.
import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { activityWords, sums } from 'exportgate-shared/bars.ts';
import { wordsFor } from 'exportgate-shared/errors.ts';
import {
  KINDS,
  kindName,
  OWN_KINDS,
  particulars,
  personOf,
  sentence,
} from 'exportgate-shared/history/sentence.ts';
import { type Finding, verify } from 'exportgate-shared/history/verify.ts';
import type { DayCount, HistoryEvent } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';
import * as api from '../api.ts';
import { findingCallout } from '../history/finding.ts';
import { plot } from '../history/plot.ts';
import { callout } from '../parts/callout.ts';
import { when } from '../parts/when.ts';
import { Screen } from '../screen.ts';

const PAUSE_MILLIS = 300;

interface Filter {
  scope: 'own' | 'all';
  from: string;
  to: string;
  kind: string;
  user_id: string;
  token_id: string;
}

interface State {
  filter: Filter;
  /** Names of the person and the token of the filter, for people. */
  names: { user: string; token: string };
  items: HistoryEvent[];
  cursor: string | null;
  loading: boolean;
  failure: unknown;
  activity: DayCount[] | undefined;
  plotFailure: unknown;
  finding: Finding | undefined;
  verifying: boolean;
  verifyFailure: unknown;
  saving: boolean;
}

export class EgHistory extends Screen<State> {
  protected state: State = {
    filter: { scope: 'own', from: '', to: '', kind: '', user_id: '', token_id: '' },
    names: { user: '', token: '' },
    items: [],
    cursor: null,
    loading: true,
    failure: undefined,
    activity: undefined,
    plotFailure: undefined,
    finding: undefined,
    verifying: false,
    verifyFailure: undefined,
    saving: false,
  };
  private request = new AbortController();
  /** The first page of what the filter asks for. */
  private shown: Promise<void> = Promise.resolve();
  private pause = 0;
  private undraw: (() => void) | undefined;
  private plotted: DayCount[] | undefined;
  private readonly atEnd = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void this.more();
    },
    { rootMargin: '600px' },
  );

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.me.role === 'administrator') this.state.filter.scope = 'all';
    void this.reload();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.request.abort();
    this.atEnd.disconnect();
    this.undraw?.();
    clearTimeout(this.pause);
  }

  protected override updated(): void {
    this.atEnd.disconnect();
    const end = this.querySelector('.end');
    if (end !== null) this.atEnd.observe(end);
    const place = this.querySelector<HTMLElement>('.plot');
    if (place !== null && this.state.activity !== this.plotted) {
      this.undraw?.();
      this.plotted = this.state.activity;
      this.undraw = this.plotted && plot(place, this.plotted);
    }
  }

  private asked(): Record<string, string | null> {
    return { ...this.state.filter };
  }

  private async reload(): Promise<void> {
    this.request.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    this.set({ loading: true, failure: undefined, finding: undefined, verifyFailure: undefined });
    void this.count(signal);
    this.shown = this.page(null, signal);
    await this.shown;
  }

  private async more(): Promise<void> {
    if (this.state.cursor === null || this.state.loading || this.state.failure !== undefined)
      return;
    this.set({ loading: true });
    await this.page(this.state.cursor, this.request.signal);
  }

  private async page(cursor: string | null, signal: AbortSignal): Promise<void> {
    try {
      const page = await api.readHistory({ ...this.asked(), cursor }, signal);
      if (signal.aborted) return;
      const items = cursor === null ? page.items : [...this.state.items, ...page.items];
      this.set({ items, cursor: page.next_cursor, loading: false });
    } catch (failure) {
      if (!signal.aborted) this.set({ failure, loading: false });
    }
  }

  private async count(signal: AbortSignal): Promise<void> {
    try {
      const { days } = await api.activity(this.state.filter, signal);
      if (!signal.aborted) this.set({ activity: days, plotFailure: undefined });
    } catch (plotFailure) {
      if (!signal.aborted) this.set({ plotFailure });
    }
  }

  private filter(change: Partial<Filter>, pause = 0): void {
    this.set({ filter: { ...this.state.filter, ...change } });
    clearTimeout(this.pause);
    this.pause = window.setTimeout(() => void this.reload(), pause);
  }

  private async verify(): Promise<void> {
    if (this.state.verifying) return;
    this.set({ verifying: true, verifyFailure: undefined });
    try {
      // What is not there yet would pass as proven, all of none.
      await this.shown;
      this.set({ finding: await verify(api, this.me.org_id, this.state.items), verifying: false });
    } catch (verifyFailure) {
      this.set({ verifyFailure, verifying: false });
    }
  }

  /** Fetched and not linked to: a link would have the browser ask for JSON. */
  private async save(): Promise<void> {
    if (this.state.saving) return;
    this.set({ saving: true, failure: undefined });
    try {
      const response = await api.historyAsCsv(this.asked(), this.request.signal);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await response.blob());
      link.download = 'exportgate-history.csv';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (failure) {
      if (!this.request.signal.aborted) this.set({ failure });
    }
    this.set({ saving: false });
  }

  private row(event: HistoryEvent): TemplateResult {
    const { finding } = this.state;
    const mark = finding?.proven.includes(event.sequence)
      ? 'proven'
      : finding?.unproven.includes(event.sequence)
        ? 'unproven'
        : '';
    return html`<li class=${mark}>
      ${when(event.at)}
      <div><p>${sentence(event)}
        ${mark === '' ? '' : html`<span class="mark">${t(`mark.${mark}`)}</span>`}</p>
        <details><summary>${t('history.details')}<span class="hidden"> ${event.sequence}</span></summary>
          <dl>${particulars(event).map(
            ({ name, value, code }) => html`<dt>${name}</dt>
            <dd>${code ? html`<code>${value}</code>` : value}</dd>`,
          )}</dl>
          ${this.narrower(event)}
        </details></div>
    </li>`;
  }

  private narrower(event: HistoryEvent): TemplateResult {
    const { token_id, label } = event;
    const user = personOf(event);
    return html`<div class="buttons start">
      ${
        token_id === null
          ? ''
          : html`<button class="quiet" @click=${() => {
              this.state.names.token = label ?? token_id;
              this.filter({ token_id });
            }}>${t('history.only_token')}</button>`
      }
      ${
        user === null || this.state.filter.scope === 'own'
          ? ''
          : html`<button class="quiet" @click=${() => {
              this.state.names.user = user.user_name;
              this.filter({ user_id: user.user_id });
            }}>${t('history.only_user', { user: user.user_name })}</button>`
      }
    </div>`;
  }

  private filters(): TemplateResult {
    const { filter, names } = this.state;
    const value = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement).value;
    const kinds = filter.scope === 'all' ? KINDS : OWN_KINDS;
    const chip = (words: string, clear: Partial<Filter>) => html`<button class="chip"
      aria-label=${t('history.without', { words })} @click=${() => this.filter(clear)}>${words} ×</button>`;
    return html`<div class="filters" role="search">
      ${
        this.me.role !== 'administrator'
          ? ''
          : html`<div><label for="scope">${t('history.scope')}</label>
        <select id="scope" .value=${filter.scope} @change=${(event: Event) => this.filter({ scope: value(event) as Filter['scope'], user_id: '', kind: '' })}>
          <option value="all" ?selected=${filter.scope === 'all'}>${t('history.all')}</option>
          <option value="own" ?selected=${filter.scope === 'own'}>${t('history.own')}</option>
        </select></div>`
      }
      <div><label for="kind">${t('history.kind')}</label>
        <select id="kind" .value=${filter.kind} @change=${(event: Event) => this.filter({ kind: value(event) })}>
          <option value="">${t('history.any_kind')}</option>
          ${kinds.map((kind) => html`<option value=${kind}>${kindName(kind)}</option>`)}
        </select></div>
      <div><label for="from">${t('history.from')}</label>
        <input id="from" type="date" .value=${filter.from} @change=${(event: Event) => this.filter({ from: value(event) }, PAUSE_MILLIS)} /></div>
      <div><label for="to">${t('history.to')}</label>
        <input id="to" type="date" .value=${filter.to} @change=${(event: Event) => this.filter({ to: value(event) }, PAUSE_MILLIS)} /></div>
      ${filter.token_id === '' ? '' : chip(t('history.of_token', { label: names.token }), { token_id: '' })}
      ${filter.user_id === '' ? '' : chip(t('history.of_user', { user: names.user }), { user_id: '' })}
    </div>`;
  }

  private activity(): TemplateResult {
    const { activity, plotFailure } = this.state;
    if (plotFailure !== undefined)
      return callout('warning', html`${t('plot.failed')} ${wordsFor(plotFailure)}`);
    if (activity === undefined) return html`<p class="help">${t('loading')}</p>`;
    const { allowed, denied } = sums(activity);
    const words = activityWords(activity);
    return html`<figure>
      <figcaption>${words}</figcaption>
      ${allowed + denied === 0 ? '' : html`<div class="plot" role="img" aria-label=${words}></div>`}
    </figure>`;
  }

  protected override render() {
    const { items, loading, failure, cursor, finding, verifying, verifyFailure, saving } =
      this.state;
    return html`
      <div class="heading"><h1 tabindex="-1">${t('nav.history')}</h1>
        <div class="buttons">
          <button aria-disabled=${saving} @click=${this.save}>${saving ? t('working') : t('history.csv')}</button>
          <button class="primary" aria-disabled=${verifying} @click=${this.verify}>${verifying ? t('working') : t('verify')}</button>
        </div></div>
      <div aria-live="polite">
        ${finding === undefined ? '' : findingCallout(finding)}
        ${verifyFailure === undefined ? '' : callout('error', wordsFor(verifyFailure))}
      </div>
      ${this.filters()}
      ${this.activity()}
      ${failure === undefined ? '' : html`${callout('error', wordsFor(failure))}<button @click=${this.reload}>${t('again')}</button>`}
      ${items.length === 0 && !loading && failure === undefined ? html`<div class="empty"><p>${t('history.none')}</p></div>` : ''}
      <ol class="events" aria-label=${t('nav.history')} aria-busy=${loading}>
        ${repeat(
          items,
          (event) => event.sequence,
          (event) => this.row(event),
        )}
      </ol>
      ${cursor === null ? '' : html`<p class="end help" role="status">${t('loading_more')}</p>`}`;
  }
}
customElements.define('eg-history', EgHistory);
