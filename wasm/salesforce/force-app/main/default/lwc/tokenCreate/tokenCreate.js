// The window "New token": a label and an expiry that the core judges while one types, one request,
// and then the secret, once. Closes with `{created: true}`, `{lost}`, or nothing.
import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import { createToken, getPolicy, listTokens } from 'c/tokenGateway';
import {
  choiceWords,
  expiryChoices,
  firstWish,
  hostNow,
  judge,
  lastDay,
  mistakeWords,
} from 'c/tokenShared';
import { text } from 'c/tokenText';

export default class TokenCreate extends LightningModal {
  /** What Power BI is told as the user name. */
  @api userName;
  text = text;
  policy;
  nActive = 0;
  label = '';
  wish;
  date = '';
  /** The label was typed in, or sending was tried: now mistakes are shown. */
  isTouched = false;
  isSending = false;
  problem;
  created;
  isCopied = false;
  /** Asks whether to leave without the secret. */
  isLeaving = false;

  connectedCallback() {
    this.load();
  }

  /** The secret must not stay behind. */
  disconnectedCallback() {
    this.created = undefined;
  }

  async load() {
    this.problem = undefined;
    try {
      const [policy, page] = await Promise.all([getPolicy(), listTokens({ limit: 1 })]);
      this.nActive = page.n_active;
      this.wish = firstWish(expiryChoices(policy));
      this.policy = policy;
    } catch (problem) {
      this.problem = problem;
    }
  }

  get heading() {
    return this.created ? text.created_title : text.nav_create;
  }

  get choices() {
    return expiryChoices(this.policy);
  }

  get expiryOptions() {
    const choices = this.choices.map((choice) => {
      const { name, help } = choiceWords(choice, this.policy);
      return { value: choice.key, label: help === '' ? name : `${name} – ${help}` };
    });
    return [...choices, { value: 'date', label: `${text.expiry_date} – ${text.expiry_date_help}` }];
  }

  get isDateWished() {
    return this.wish === 'date';
  }

  get lastDay() {
    return lastDay(this.choices, this.policy);
  }

  get verdict() {
    return judge(this, this.choices, this.policy, this.nActive);
  }

  get otherMistake() {
    const { other } = this.verdict;
    return other && mistakeWords(other);
  }

  get sendLabel() {
    return this.isSending ? text.working : text.create_do;
  }

  get mayNotSend() {
    return this.isSending || this.policy === undefined;
  }

  renderedCallback() {
    if (this.policy === undefined || this.created !== undefined) return;
    const { label, expiry } = this.verdict;
    const isDateOpen = this.isDateWished && this.date === '' && !this.isTouched;
    this.report('.label', this.isTouched ? label : undefined);
    this.report(this.isDateWished ? '.date' : '.expiry', isDateOpen ? undefined : expiry);
  }

  /** Has Salesforce's own input show what is wrong with what is in it. */
  report(selector, mistake) {
    const input = this.template.querySelector(selector);
    if (!input?.setCustomValidity) return;
    const words = mistake ? mistakeWords(mistake) : '';
    if (input.dataset.mistake === words) return;
    input.dataset.mistake = words;
    input.setCustomValidity(words);
    input.reportValidity();
  }

  typeLabel(event) {
    this.label = event.detail.value ?? '';
    this.isTouched = true;
  }

  choose(event) {
    this.wish = event.detail.value;
    this.problem = undefined;
  }

  pickDate(event) {
    this.date = event.detail.value ?? '';
  }

  async send() {
    // A second click while the first is on its way makes no second token.
    if (this.mayNotSend) return;
    const { draft, mistakes, label } = this.verdict;
    this.isTouched = true;
    this.problem = undefined;
    if (mistakes.length > 0) {
      this.template.querySelector(label ? '.label' : '.expiry')?.focus();
      return;
    }
    const since = hostNow();
    this.isSending = true;
    this.disableClose = true;
    try {
      this.created = await createToken(draft);
    } catch (problem) {
      this.disableClose = false;
      if (problem.changedNothing) this.problem = problem;
      else this.close({ lost: { label: draft.label.trim(), since } });
    }
    this.isSending = false;
  }

  handleCopied() {
    this.isCopied = true;
    this.isLeaving = false;
    this.disableClose = false;
  }

  cancel() {
    this.close();
  }

  leave() {
    if (this.isCopied) this.finish();
    else this.isLeaving = true;
  }

  stay() {
    this.isLeaving = false;
    this.template.querySelector('c-token-secret').focus();
  }

  finish() {
    this.disableClose = false;
    this.close({ created: true });
  }
}
