// What went wrong, in words that say what to do, and a button to try again where that helps.
import { LightningElement, api } from 'lwc';
import { wordsFor } from 'c/tokenShared';
import { text } from 'c/tokenText';

export default class TokenProblem extends LightningElement {
  /** The error as it was caught. */
  @api problem;
  /** Whether a button fires `retry`. */
  @api mayRetry = false;
  text = text;

  get words() {
    return wordsFor(this.problem);
  }

  retry() {
    this.dispatchEvent(new CustomEvent('retry'));
  }
}
