// Exports per day as bars, allowed and denied.
import { LightningElement, api } from 'lwc';
import { activityWords, sums, utcDayShort } from 'c/tokenShared';
import { text } from 'c/tokenText';

export default class TokenActivity extends LightningElement {
  /** Every day of the period: `{date, n_allowed, n_denied}`. */
  @api days = [];
  text = text;

  get words() {
    return activityWords(this.days);
  }

  get isBusy() {
    const { allowed, denied } = sums(this.days);
    return allowed + denied > 0;
  }

  get first() {
    return utcDayShort(this.days[0].date);
  }

  get last() {
    return utcDayShort(this.days.at(-1).date);
  }
}
