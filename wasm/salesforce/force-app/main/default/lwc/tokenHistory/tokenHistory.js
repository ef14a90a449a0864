// The screen "History": what happened, filtered, drawn, taken home as CSV, and verified.
import { LightningElement, api } from 'lwc';
import { exportHistory, getActivity, listHistory, prover } from 'c/tokenGateway';
import {
  KINDS,
  OWN_KINDS,
  findingWords,
  instant,
  isGood,
  kindName,
  particulars,
  personOf,
  sentence,
  t,
  utc,
  verify,
  wordsFor,
} from 'c/tokenShared';
import { text } from 'c/tokenText';

const EMPTY = { from: '', to: '', kind: '', user_id: '', token_id: '' };
const NOTICE = 'slds-scoped-notification slds-var-m-bottom_small';

export default class TokenHistory extends LightningElement {
  /** Who is here: `{user_id, org_id, role, …}`. */
  @api me;
  text = text;
  filter = { scope: 'own', ...EMPTY };
  /** Names of the person and the token of the filter, for people. */
  names = { user_id: '', token_id: '' };
  events = [];
  cursor = null;
  isLoading = true;
  problem;
  days;
  activityProblem;
  finding;
  isVerifying = false;
  verifyProblem;
  isSaving = false;
  /** The first page of what the filter asks for. */
  shown;
  /** Answers to earlier questions are dropped. */
  question = 0;

  connectedCallback() {
    if (this.isAdministrator) this.filter = { scope: 'all', ...EMPTY };
    this.reload();
  }

  disconnectedCallback() {
    this.question += 1;
  }

  get isAdministrator() {
    return this.me.role === 'administrator';
  }

  get scopeOptions() {
    return [
      { value: 'all', label: text.history_all },
      { value: 'own', label: text.history_own },
    ];
  }

  get kindOptions() {
    const kinds = this.filter.scope === 'all' ? KINDS : OWN_KINDS;
    const options = kinds.map((kind) => ({ value: kind, label: kindName(kind) }));
    return [{ value: '', label: text.history_any_kind }, ...options];
  }

  get chips() {
    const words = {
      token_id: t('history.of_token', { label: this.names.token_id }),
      user_id: t('history.of_user', { user: this.names.user_id }),
    };
    return Object.entries(words)
      .filter(([name]) => this.filter[name] !== '')
      .map(([name, shown]) => ({ name, words: shown }));
  }

  get csvLabel() {
    return this.isSaving ? text.working : text.history_csv;
  }

  get verifyLabel() {
    return this.isVerifying ? text.working : text.verify;
  }

  get isEmpty() {
    return this.events.length === 0 && !this.isLoading && this.problem === undefined;
  }

  get plotFailed() {
    return `${text.plot_failed} ${wordsFor(this.activityProblem)}`;
  }

  get isFindingBad() {
    return !isGood(this.finding);
  }

  get findingClass() {
    return `${NOTICE} finding ${this.isFindingBad ? 'slds-theme_error' : 'slds-scoped-notification_light'}`;
  }

  get findingIcon() {
    return this.isFindingBad ? 'utility:error' : 'utility:success';
  }

  get findingTitle() {
    return this.isFindingBad ? text.verify_bad : text.verify_good;
  }

  get findingSentences() {
    return findingWords(this.finding);
  }

  get findingOrigin() {
    return t('verify.origin', { origin: this.finding.origin });
  }

  get rows() {
    return this.events.map((event) => this.row(event));
  }

  row(event) {
    const { finding } = this;
    const person = this.filter.scope === 'own' ? null : personOf(event);
    const isProven = finding?.proven.includes(event.sequence);
    const isUnproven = finding?.unproven.includes(event.sequence);
    return {
      sequence: event.sequence,
      token_id: event.token_id,
      when: instant(event.at),
      utc: utc(event.at),
      sentence: sentence(event),
      particulars: particulars(event),
      onlyUser: person && t('history.only_user', { user: person.user_name }),
      mark: isProven ? text.mark_proven : isUnproven ? text.mark_unproven : '',
      markClass: isProven ? 'slds-theme_success' : 'slds-theme_error',
    };
  }

  async reload() {
    this.events = [];
    this.cursor = null;
    this.finding = undefined;
    this.verifyProblem = undefined;
    this.count();
    this.shown = this.ask(null);
    await this.shown;
  }

  async ask(cursor) {
    this.question += 1;
    const { question } = this;
    this.isLoading = true;
    this.problem = undefined;
    try {
      const page = await listHistory(this.filter, cursor);
      if (question !== this.question) return;
      this.events = [...this.events, ...page.items];
      this.cursor = page.next_cursor;
    } catch (problem) {
      if (question === this.question) this.problem = problem;
    }
    if (question === this.question) this.isLoading = false;
  }

  loadMore() {
    return this.ask(this.cursor);
  }

  async count() {
    const { filter } = this;
    this.activityProblem = undefined;
    try {
      const { days } = await getActivity(filter);
      if (filter === this.filter) this.days = days;
    } catch (problem) {
      if (filter === this.filter) this.activityProblem = problem;
    }
  }

  change(change) {
    this.filter = { ...this.filter, ...change };
    this.reload();
  }

  changeFilter(event) {
    this.change({ [event.target.name]: event.detail.value ?? '' });
  }

  /** What only everybody's history has is dropped with it. */
  changeScope(event) {
    this.change({ scope: event.detail.value, user_id: '', kind: '' });
  }

  find(event) {
    const sequence = Number(event.target.value);
    return this.events.find((item) => item.sequence === sequence);
  }

  onlyToken(event) {
    const { token_id, label } = this.find(event);
    this.names = { ...this.names, token_id: label ?? token_id };
    this.change({ token_id });
  }

  onlyUser(event) {
    const { user_id, user_name } = personOf(this.find(event));
    this.names = { ...this.names, user_id: user_name };
    this.change({ user_id });
  }

  removeChip(event) {
    event.preventDefault();
    this.change({ [event.target.name]: '' });
  }

  async verify() {
    if (this.isVerifying) return;
    this.isVerifying = true;
    this.verifyProblem = undefined;
    try {
      // What is not there yet would pass as proven, all of none.
      await this.shown;
      this.finding = await verify(prover, this.me.org_id, this.events);
    } catch (problem) {
      this.verifyProblem = problem;
    }
    this.isVerifying = false;
  }

  async save() {
    if (this.isSaving) return;
    this.isSaving = true;
    this.problem = undefined;
    try {
      download(await exportHistory(this.filter));
    } catch (problem) {
      this.problem = problem;
    }
    this.isSaving = false;
  }
}

/** Gives a text to the browser as a file. */
function download(csv) {
  // Lightning Web Security lets no `text/csv` pass, and no `data:` address.
  const file = new Blob([csv], { type: 'application/octet-stream' });
  const link = document.createElement('a');
  // eslint-disable-next-line @locker/locker/distorted-url-create-object-url -- with this type it works
  link.href = URL.createObjectURL(file);
  link.download = 'exportgate-history.csv';
  link.click();
  URL.revokeObjectURL(link.href);
}
