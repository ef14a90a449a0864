// The whole of Exportgate in one component: asks who is here, loads words and core, shows the screens.
import { LightningElement } from 'lwc';
import LANG from '@salesforce/i18n/lang';
import LOCALE from '@salesforce/i18n/locale';
import TIME_ZONE from '@salesforce/i18n/timeZone';
import { loadCore } from 'c/tokenCore';
import { getMe } from 'c/tokenGateway';
import { languageFor, useCore, useRegion, useText } from 'c/tokenShared';
import { text, words } from 'c/tokenText';

// Before anything is drawn: the labels are there with the module.
useText(words, languageFor([LANG]));
useRegion([LOCALE, LANG], TIME_ZONE);

export default class TokenManager extends LightningElement {
  text = text;
  me;
  problem;
  /** `wasm` or `plain`: whoever helps a user can see which core runs. */
  form;
  /** Tabs that were looked at: what is in the others is not asked for. */
  opened = { history: false, policy: false };

  connectedCallback() {
    this.start();
  }

  get isAdministrator() {
    return this.me.role === 'administrator';
  }

  async start() {
    this.problem = undefined;
    try {
      const [me, core] = await Promise.all([getMe(), loadCore(this)]);
      useCore(core);
      this.form = core.form;
      this.me = me;
    } catch (problem) {
      this.problem = problem;
    }
  }

  openTab(event) {
    this.opened = { ...this.opened, [event.target.value]: true };
  }
}
