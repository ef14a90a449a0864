// The last 28 days of a token as small bars.
import { LightningElement, api } from 'lwc';
import { lastDays, usesWords } from 'c/tokenShared';

export default class TokenUses extends LightningElement {
  /** Days with exports: `{date, n_allowed, n_denied}`. */
  @api uses = [];

  get days() {
    return lastDays(this.uses ?? []);
  }

  get words() {
    return usesWords(this.days);
  }
}
