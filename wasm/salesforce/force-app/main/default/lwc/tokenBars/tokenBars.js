// Exports per day as bars, allowed and denied, as large as the place that they are given.
import { LightningElement, api } from 'lwc';
import { bars } from 'c/tokenShared';

export default class TokenBars extends LightningElement {
  /** Every day of the period: `{date, n_allowed, n_denied}`. */
  @api days = [];
  /** What the bars show, for whoever does not see them. */
  @api words;
  /** The drawing's own size, which is stretched. */
  @api width = 112;
  @api height = 24;

  get box() {
    return `0 0 ${this.width} ${this.height}`;
  }

  get ground() {
    return this.height - 0.5;
  }

  get rectangles() {
    return bars(this.days, Number(this.width), Number(this.height));
  }
}
