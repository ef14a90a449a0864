// The frame around all screens: who is signed in, which screen is shown, and what happens when
// the session ends.
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { wordsFor } from 'exportgate-shared/errors.ts';
import { Problem } from 'exportgate-shared/problem.ts';
import type { Me, Provider } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';
import * as api from './api.ts';
import * as icons from './icons.ts';
import { callout } from './parts/callout.ts';
import { notice } from './parts/notice.ts';
import { type Route, route, takeCode } from './route.ts';
import { Part, Screen } from './screen.ts';
import { tellTabs } from './tabs.ts';
import { EgSignIn } from './screens/sign-in.ts';
import './screens/tokens.ts';
import './screens/create.ts';

interface State {
  me: Me | null | undefined;
  providers: readonly Provider[];
  /** Why nobody came back from a provider. */
  failed: Problem | null;
  route: Route;
  failure: unknown;
  /** The screen's code is on its way. */
  loading: boolean;
}

export class EgApp extends Part<State> {
  /** The code of the link that opened the page; without one, who is signed in already. */
  static visitor: string | Promise<Me>;
  /** Every screen but sign-in needs the core. */
  static core: Promise<void> = Promise.resolve();
  /** Only sign-in needs them; never fails. */
  static providers: Promise<readonly Provider[]> = Promise.resolve([]);
  static failed: Problem | null = null;
  protected state: State = {
    me: undefined,
    providers: [],
    failed: EgApp.failed,
    route: route(),
    failure: undefined,
    loading: false,
  };
  /** The address of the screen that is shown. */
  private shown = location.hash;
  private renewal: Promise<boolean> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    api.onSessionEnd(
      () => (this.renewal ??= this.renew().finally(() => (this.renewal = undefined))),
    );
    addEventListener('hashchange', () => void this.onAddress());
    void this.start();
  }

  private async start(): Promise<void> {
    const { visitor, providers } = EgApp;
    void providers.then((providers) => this.set({ providers }));
    if (typeof visitor === 'string') return this.signInWith(visitor);
    try {
      await this.welcome(await visitor);
    } catch (failure) {
      const nobody = failure instanceof Problem && failure.status === 401;
      if (!nobody) return this.set({ failure });
      // What is shown stays where it is: buttons do not push the form down later.
      await providers;
      await this.showSignIn();
    }
  }

  private async showSignIn(): Promise<void> {
    this.set({ me: null });
    await this.drawn();
    await this.querySelector<EgSignIn>('eg-sign-in')?.begin();
  }

  private async signInWith(code: string): Promise<void> {
    this.set({ me: null });
    await this.updateComplete;
    await this.querySelector<EgSignIn>('eg-sign-in')?.use(code);
  }

  private async welcome(me: Me): Promise<void> {
    try {
      await Promise.all([EgApp.core, this.load(route())]);
    } catch (failure) {
      this.set({ me: undefined, failure });
      return;
    }
    this.set({ me, route: route(), failure: undefined, failed: null });
    this.shown = location.hash;
    await this.entitle();
    tellTabs();
  }

  /** History and policy are loaded when they are first looked at. */
  private async load(wanted: Route): Promise<void> {
    try {
      if (wanted === 'history') await import('./screens/history.ts');
      if (wanted === 'policy') await import('./screens/policy.ts');
    } catch {
      throw new Problem(0, 'host.away', 'a part of the page could not be loaded');
    }
  }

  private get screen(): Screen<object> | null {
    const screen = this.querySelector('main > *');
    return screen instanceof Screen ? screen : null;
  }

  private async onAddress(): Promise<void> {
    const code = takeCode();
    if (code !== null) return this.signInWith(code);
    if (location.hash === this.shown || !this.state.me) return;
    if (!((await this.screen?.mayLeave()) ?? true)) {
      history.pushState(null, '', `${location.pathname}${this.shown}`);
      return;
    }
    this.shown = location.hash;
    try {
      await this.load(route());
      this.set({ route: route(), failure: undefined });
    } catch (failure) {
      this.set({ route: route(), failure });
    }
    await this.entitle();
    await this.focusOn('h1');
  }

  protected override async drawn(): Promise<void> {
    await super.drawn();
    await this.screen?.updateComplete;
  }

  private async entitle(): Promise<void> {
    await this.drawn();
    document.title = `${t(`nav.${this.state.route}`)} · Exportgate`;
    scrollTo(0, 0);
  }

  /** The session ran out while somebody works: a window over the screen, which stays as it is. */
  private renew(): Promise<boolean> {
    if (!this.state.me) return Promise.resolve(false);
    const before = this.state.me;
    const dialog = document.createElement('dialog');
    dialog.setAttribute('aria-label', t('page.sign_in.title'));
    const form = new EgSignIn();
    form.reason = 'ended';
    form.providers = this.state.providers;
    dialog.append(form);
    document.body.append(dialog);
    return new Promise((resolve) => {
      // Nothing else can be done without a session.
      dialog.addEventListener('cancel', (event) => event.preventDefault());
      form.addEventListener('signed-in', (event) => {
        const me = (event as CustomEvent<Me>).detail;
        dialog.close();
        dialog.remove();
        tellTabs();
        const same = me.user_id === before.user_id && me.org_id === before.org_id;
        this.set({ me });
        resolve(same);
      });
      dialog.showModal();
      void form.begin();
    });
  }

  private async signOut(): Promise<void> {
    if (!((await this.screen?.mayLeave()) ?? true)) return;
    let next: string | null = null;
    try {
      next = await api.signOut();
    } catch (failure) {
      if (!(failure instanceof Problem && failure.status === 401)) {
        notice(wordsFor(failure));
        return;
      }
    }
    history.replaceState(null, '', location.pathname);
    this.shown = location.hash;
    this.set({ route: 'tokens', failure: undefined });
    await this.showSignIn();
    // Whoever comes back by the browser's button finds nothing of before.
    if (next !== null) location.assign(next);
  }

  private body(me: Me): TemplateResult {
    const { route, failure } = this.state;
    if (failure !== undefined) return this.away(failure);
    // Another person gets a screen of their own.
    switch (route) {
      case 'tokens':
        return html`${keyed(me.user_id, html`<eg-tokens .me=${me}></eg-tokens>`)}`;
      case 'create':
        return html`${keyed(me.user_id, html`<eg-create .me=${me}></eg-create>`)}`;
      case 'history':
        return html`${keyed(me.user_id, html`<eg-history .me=${me}></eg-history>`)}`;
      case 'policy':
        if (me.role !== 'administrator') return callout('warning', t('policy.not_yours'));
        return html`${keyed(me.user_id, html`<eg-policy .me=${me}></eg-policy>`)}`;
    }
  }

  private away(failure: unknown): TemplateResult {
    return html`<div class="card">
      <h1 tabindex="-1">${t('page.away')}</h1>
      ${callout('error', wordsFor(failure))}
      <button class="primary" @click=${() => location.reload()}>${t('again')}</button>
    </div>`;
  }

  private link(to: Route): TemplateResult {
    const here = this.state.route === to || (to === 'tokens' && this.state.route === 'create');
    return html`<a href="#/${to}" aria-current=${here ? 'page' : nothing}>${t(`nav.${to}`)}</a>`;
  }

  protected override render() {
    const { me, providers, failed, failure } = this.state;
    return html`
      <a class="skip" href="#main" @click=${this.skip}>${t('page.skip')}</a>
      <header>
        <span class="brand">${icons.gate}Exportgate</span>
        ${
          me
            ? html`<nav aria-label=${t('page.nav')}>
              ${this.link('tokens')} ${this.link('history')}
              ${me.role === 'administrator' ? this.link('policy') : ''}
            </nav>
            <div class="person">
              <span title=${me.user_name}>${me.display_name || me.user_name}</span>
              <button class="quiet" @click=${this.signOut}>${t('page.sign_out')}</button>
            </div>`
            : ''
        }
      </header>
      <main id="main" tabindex="-1">${
        me
          ? this.body(me)
          : me === null
            ? html`<eg-sign-in .providers=${providers} .failed=${failed} @signed-in=${(event: CustomEvent<Me>) => this.welcome(event.detail)}></eg-sign-in>`
            : failure === undefined
              ? html`<p class="help">${t('loading')}</p>`
              : this.away(failure)
      }</main>
      <p id="notice" role="status" aria-live="polite"></p>`;
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.querySelector('main')?.focus();
  }
}
