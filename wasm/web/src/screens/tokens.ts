// The screen "Access tokens": a person's own tokens, found, renamed, revoked.
import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import { wordsFor } from 'exportgate-shared/errors.ts';
import type { Status, Token } from 'exportgate-shared/shapes.ts';
import { t, tn } from 'exportgate-shared/text.ts';
import { isSecret, pastedWords, refreshed } from 'exportgate-shared/tokens.ts';
import * as api from '../api.ts';
import * as icons from '../icons.ts';
import { callout } from '../parts/callout.ts';
import { notice } from '../parts/notice.ts';
import { sparkline } from '../parts/sparkline.ts';
import { status } from '../parts/status.ts';
import { rename, revoke, revokeAll } from '../parts/token-deeds.ts';
import { when, whenAgo, whenDay } from '../parts/when.ts';
import { routeQuery } from '../route.ts';
import { Screen } from '../screen.ts';

/** How long a person pauses before what was typed is looked for. */
const PAUSE_MILLIS = 250;
/** Who scrolls on wants more: fewer requests, and 10,000 tokens stay usable. */
const NEXT_PAGE = 200;

/** So many rows are drawn, or left out while they are out of sight, together; the style knows it, too. */
const GROUP = 50;

/** The tokens in groups of rows. */
const groups = (items: readonly Token[]): Token[][] =>
  Array.from({ length: Math.ceil(items.length / GROUP) }, (_, index) =>
    items.slice(index * GROUP, (index + 1) * GROUP),
  );

interface State {
  items: readonly Token[];
  cursor: string | null;
  nActive: number;
  status: Status | '';
  label: string;
  /** `first`: the list itself; `more`: its next page. */
  loading: 'first' | 'more' | undefined;
  failure: unknown;
}

/**
 * Shows what the keyboard is on. Rows out of sight have a guessed height until they are drawn, so
 * that the browser's own scrolling may end beside them.
 */
function keepInSight({ target }: FocusEvent): void {
  const show = () => target instanceof Element && target.scrollIntoView({ block: 'nearest' });
  requestAnimationFrame(() => requestAnimationFrame(show));
}

export class EgTokens extends Screen<State> {
  protected state: State = {
    items: [],
    cursor: null,
    nActive: 0,
    status: '',
    label: routeQuery().get('label') ?? '',
    loading: 'first',
    failure: undefined,
  };
  private request = new AbortController();
  private pause = 0;
  private change = 0;
  private readonly atEnd = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void this.more();
    },
    { rootMargin: '600px' },
  );

  override connectedCallback(): void {
    super.connectedCallback();
    void this.reload();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.request.abort();
    this.atEnd.disconnect();
    clearTimeout(this.pause);
    clearTimeout(this.change);
  }

  protected override updated(): void {
    // Observed anew, it tells at once whether the end is still in sight.
    this.atEnd.disconnect();
    const end = this.querySelector('.end');
    if (end !== null) this.atEnd.observe(end);
  }

  private async reload(): Promise<void> {
    this.request.abort();
    this.request = new AbortController();
    this.set({ loading: 'first', failure: undefined });
    await this.page(null, this.request.signal);
  }

  private async more(): Promise<void> {
    const { cursor, loading, failure } = this.state;
    if (cursor === null || loading !== undefined || failure !== undefined) return;
    this.set({ loading: 'more' });
    await this.page(cursor, this.request.signal);
  }

  private async page(cursor: string | null, signal: AbortSignal): Promise<void> {
    const { status, label } = this.state;
    try {
      const page = await api.listTokens(
        { status, label: label.trim(), cursor, ...(cursor !== null && { limit: NEXT_PAGE }) },
        signal,
      );
      if (signal.aborted) return;
      const items = cursor === null ? page.items : [...this.state.items, ...page.items];
      this.set({ items, cursor: page.next_cursor, nActive: page.n_active, loading: undefined });
      this.watch();
    } catch (failure) {
      if (!signal.aborted) this.set({ failure, loading: undefined });
    }
  }

  /** Statuses change by themselves: the core says what they are, and when it must be asked again. */
  private watch(): void {
    clearTimeout(this.change);
    const { tokens, nEnded, waitMillis } = refreshed(this.state.items);
    if (tokens !== this.state.items) {
      this.set({ items: tokens, nActive: Math.max(0, this.state.nActive - nEnded) });
    }
    if (waitMillis !== null) this.change = window.setTimeout(() => this.watch(), waitMillis);
  }

  private replace(token: Token): void {
    const before = this.state.items.find((item) => item.token_id === token.token_id);
    const ended = before?.status === 'active' && token.status !== 'active';
    this.set({
      // One token alone comes without its uses.
      items: this.state.items.map((item) => (item === before ? { ...item, ...token } : item)),
      nActive: this.state.nActive - (ended ? 1 : 0),
    });
  }

  private filter(change: Partial<Pick<State, 'status' | 'label'>>, pause: number): void {
    this.set(change);
    clearTimeout(this.pause);
    if (isSecret(this.state.label)) return;
    this.pause = window.setTimeout(() => void this.reload(), pause);
  }

  private async rename(token: Token): Promise<void> {
    const renamed = await rename(token);
    if (renamed === undefined) return;
    this.replace(renamed);
    notice(t('rename.done', { label: renamed.label }));
  }

  private async revoke(token: Token): Promise<void> {
    const revoked = await revoke(token);
    if (revoked === undefined) return;
    this.replace(revoked);
    notice(t('revoke.done', { label: revoked.label }));
    // Its button is gone.
    await this.focusOn(`[data-token="${revoked.token_id}"] .rename`);
  }

  private async revokeAll(): Promise<void> {
    const n = await revokeAll(this.state.nActive);
    if (n === undefined) return;
    notice(tn('revoke_all.done', n));
    await this.reload();
    await this.focusOn('h1');
  }

  private row(token: Token): TemplateResult {
    const { label, hint } = token;
    return html`<tr role="row" data-token=${token.token_id} class=${token.status}>
      <th role="rowheader" scope="row"><span class="label">${label}</span></th>
      <td role="cell" data-name=${t('hint')}><code>…${hint}</code></td>
      <td role="cell" data-name=${t('status')}>${status(token.status)}</td>
      <td role="cell" data-name=${t('created')}>${whenDay(token.created_at)}</td>
      <td role="cell" data-name=${t('expires')}>${token.expires_at === null ? t('never') : when(token.expires_at)}</td>
      <td role="cell" data-name=${t('last_used')}>${token.last_used_at === null ? t('not_yet') : whenAgo(token.last_used_at)}</td>
      <td role="cell" data-name=${t('uses')}>${sparkline(token.uses ?? [])}</td>
      <td role="cell" class="deeds">
        <button class="quiet rename" aria-label=${t('rename.of', { label })} @click=${() => this.rename(token)}>${t('rename')}</button>
        ${
          token.revoked_at !== null
            ? ''
            : html`<button class="quiet danger" aria-label=${t('revoke.of', { label })}
          @click=${() => this.revoke(token)}>${t('revoke')}</button>`
        }
      </td>
    </tr>`;
  }

  private table(items: readonly Token[]): TemplateResult {
    const columns = ['label', 'hint', 'status', 'created', 'expires', 'last_used', 'uses'] as const;
    return html`<table role="table" class="cards tokens" aria-label=${t('nav.tokens')} aria-busy=${this.state.loading !== undefined}
        @focusin=${keepInSight}>
      <thead role="rowgroup"><tr role="row">
        ${columns.map((name) => html`<th role="columnheader" scope="col">${t(name)}</th>`)}
        <td role="cell"><span class="hidden">${t('deeds')}</span></td>
      </tr></thead>
      ${groups(items).map(
        // Drawn anew where one of its tokens is another one.
        (group) =>
          html`<tbody role="rowgroup">${guard(group, () =>
            repeat(
              group,
              (token) => token.token_id,
              (token) => this.row(token),
            ),
          )}</tbody>`,
      )}
    </table>`;
  }

  private empty(): TemplateResult {
    if (this.state.status !== '' || this.state.label.trim() !== '') {
      return html`<div class="empty"><p>${t('tokens.none_found')}</p>
        <button @click=${() => this.filter({ status: '', label: '' }, 0)}>${t('tokens.show_all')}</button></div>`;
    }
    return html`<div class="empty"><h2>${t('tokens.empty')}</h2><p>${t('tokens.empty_lead')}</p>
      <a class="button primary" href="#/create">${icons.plus}${t('create.first')}</a></div>`;
  }

  protected override render() {
    const { items, nActive, loading, failure, cursor } = this.state;
    const pasted = pastedWords(this.state.label, items);
    return html`
      <div class="heading">
        <h1 tabindex="-1">${t('nav.tokens')}</h1>
        <a class="button primary" href="#/create">${icons.plus}${t('nav.create')}</a>
      </div>
      <div class="filters" role="search">
        <div><label for="find">${t('tokens.find')}</label>
          <input id="find" type="search" .value=${this.state.label} autocomplete="off"
            @input=${(event: Event) => this.filter({ label: (event.target as HTMLInputElement).value }, PAUSE_MILLIS)} /></div>
        <div><label for="status">${t('status')}</label>
          <select id="status" .value=${this.state.status}
            @change=${(event: Event) => this.filter({ status: (event.target as HTMLSelectElement).value as Status | '' }, 0)}>
            <option value="">${t('status.any')}</option>
            ${(['active', 'expired', 'revoked'] as const).map((name) => html`<option value=${name}>${t(`status.${name}`)}</option>`)}
          </select></div>
        <p class="count" role="status">${loading === 'first' ? t('loading') : tn('tokens.active', nActive)}</p>
        ${nActive > 0 ? html`<button class="danger quiet" @click=${this.revokeAll}>${t('revoke_all')}</button>` : ''}
      </div>
      ${pasted === undefined ? '' : callout('warning', html`<p>${t('pasted.lead')}</p><p>${pasted}</p>`)}
      ${items.length > 0 ? this.table(items) : loading === undefined && failure === undefined ? this.empty() : ''}
      ${
        failure === undefined
          ? ''
          : html`${callout('error', wordsFor(failure))}
        <button @click=${this.reload}>${t('again')}</button>`
      }
      ${cursor === null ? '' : html`<p class="end help" role="status">${t('loading_more')}</p>`}
    `;
  }
}
customElements.define('eg-tokens', EgTokens);
