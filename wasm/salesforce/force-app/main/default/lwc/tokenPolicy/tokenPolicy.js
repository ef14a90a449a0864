// The screen "Policy", for administrators: the settings, what they mean, what they would change, and
// their application to existing tokens.
import { LightningElement } from 'lwc';
import LightningConfirm from 'lightning/confirm';
import Toast from 'lightning/toast';
import { applyPolicy, changePolicy, getPolicy, previewPolicy } from 'c/tokenGateway';
import {
  DEFAULT_NOTICE,
  FIRST_LIMITS,
  both,
  mistakeWords,
  mistakesIn,
  number,
  policyWords,
  sameSettings,
  settings,
  t,
  tn,
  withLimit,
  wordsFor,
} from 'c/tokenShared';
import { text } from 'c/tokenText';

const PAUSE_MILLIS = 300;
/** Rows that are drawn at once; the rest on demand. */
const ROWS = 100;

export default class TokenPolicy extends LightningElement {
  text = text;
  saved;
  wish;
  noticeDays = DEFAULT_NOTICE;
  preview;
  mistakes = [];
  nRows = ROWS;
  isSaving = false;
  problem;
  /** What somebody else saved meanwhile. */
  theirs;
  previewProblem;
  pause;
  /** Answers to earlier questions are dropped. */
  question = 0;

  connectedCallback() {
    this.load();
  }

  disconnectedCallback() {
    clearTimeout(this.pause);
    this.question += 1;
  }

  async load() {
    this.problem = undefined;
    try {
      this.take(await getPolicy());
    } catch (problem) {
      this.problem = problem;
    }
  }

  /** Goes on from what the host has; the form follows unless what it holds shall be kept. */
  take(saved, wish = settings(saved)) {
    this.saved = saved;
    this.wish = wish;
    this.problem = undefined;
    this.theirs = undefined;
    this.look();
  }

  get limits() {
    return Object.keys(FIRST_LIMITS).map((name) => ({
      name,
      pointer: `/${name}`,
      label: text[`policy_${name}`],
      unit: text[`policy_${name}_unit`],
      isSet: this.wish[name] !== null,
      value: this.wish[name],
    }));
  }

  get hasNoMaximum() {
    return this.wish.maximum_expiry_days === null;
  }

  get isClean() {
    return sameSettings(this.saved, this.wish);
  }

  get mayNotSave() {
    return this.isClean || this.isSaving || this.mistakes.length > 0;
  }

  get saveLabel() {
    return this.isSaving ? text.working : text.policy_save;
  }

  get meaning() {
    return this.mistakes.length > 0 ? '' : policyWords(this.wish);
  }

  get changed() {
    const { updated_at: at, updated_by: by } = this.saved;
    return at
      ? t('policy.changed', { when: both(at), who: by?.user_name ?? text.actor_operator })
      : '';
  }

  get theirsTitle() {
    return t('policy.theirs', { who: this.theirs.updated_by?.user_name ?? text.actor_operator });
  }

  get theirsMeaning() {
    return policyWords(this.theirs);
  }

  get previewWords() {
    const {
      n_ending_earlier: n,
      n_ending_earlier_in_use: nInUse,
      n_active: nActive,
    } = this.preview;
    if (n === 0) return tn('preview.none', nActive);
    return `${tn('preview.n', n, { active: number(nActive) })} ${tn('preview.in_use', nInUse)}`;
  }

  get shownEnding() {
    return this.preview.ending_earlier.slice(0, this.nRows);
  }

  get moreLabel() {
    const n = this.preview.ending_earlier.length - this.nRows;
    return n > 0 ? tn('preview.more', n) : '';
  }

  get applyLabel() {
    return tn('apply', this.preview.n_ending_earlier);
  }

  get notice() {
    return tn('apply.notice', this.noticeDays);
  }

  renderedCallback() {
    for (const input of this.template.querySelectorAll('[data-pointer]')) {
      const mistake = this.mistakes.find(({ pointer }) => pointer === input.dataset.pointer);
      const words = mistake ? mistakeWords(mistake) : '';
      if ((input.dataset.mistake ?? '') !== words) {
        input.dataset.mistake = words;
        input.setCustomValidity?.(words);
        input.reportValidity?.();
      }
    }
  }

  change(wish) {
    this.wish = wish;
    this.problem = undefined;
    this.lookSoon();
  }

  switchLimit(event) {
    const { name } = event.target;
    const value = event.detail.checked ? (this.saved[name] ?? FIRST_LIMITS[name]) : null;
    this.change(withLimit(this.wish, name, value));
  }

  changeLimit(event) {
    this.change(
      withLimit(this.wish, event.target.name, Math.trunc(Number(event.detail.value) || 0)),
    );
  }

  switchAutomatic(event) {
    this.change({ ...this.wish, automatic_expiration: event.detail.checked });
  }

  changeNotice(event) {
    this.noticeDays = Math.trunc(Number(event.detail.value) || 0);
    this.lookSoon();
  }

  lookSoon() {
    clearTimeout(this.pause);
    // eslint-disable-next-line @lwc/lwc/no-async-operation -- waits for the person to pause
    this.pause = setTimeout(() => this.look(), PAUSE_MILLIS);
  }

  /** Asks the host what the wish would change now. */
  async look() {
    this.question += 1;
    const { question } = this;
    try {
      const preview = await previewPolicy(this.wish, this.noticeDays);
      if (question !== this.question) return;
      this.preview = preview;
      this.mistakes = [];
      this.previewProblem = undefined;
      this.nRows = ROWS;
    } catch (problem) {
      if (question !== this.question) return;
      this.preview = undefined;
      this.mistakes = mistakesIn(problem);
      this.previewProblem = this.mistakes.length > 0 ? undefined : problem;
    }
  }

  showMore() {
    this.nRows += ROWS;
  }

  reset() {
    this.change(settings(this.saved));
  }

  async save() {
    if (this.mayNotSave) return;
    this.isSaving = true;
    this.problem = undefined;
    try {
      this.take(await changePolicy(this.wish, this.saved.version));
      Toast.show({ label: text.policy_saved, variant: 'success' }, this);
    } catch (problem) {
      this.mistakes = mistakesIn(problem);
      this.problem = this.mistakes.length > 0 ? undefined : problem;
      if (problem.status === 412) this.theirs = await getPolicy().catch(() => undefined);
    }
    this.isSaving = false;
  }

  keepMine() {
    this.take(this.theirs, this.wish);
  }

  takeTheirs() {
    this.take(this.theirs);
  }

  async apply() {
    const { n_ending_earlier: n, n_ending_earlier_in_use: nInUse } = this.preview;
    const lead = [
      tn('apply.lead', this.noticeDays),
      tn('preview.in_use', nInUse),
      text.apply_for_ever,
    ];
    const confirmed = await LightningConfirm.open({
      label: tn('apply.title', n),
      message: lead.join(' '),
      theme: 'warning',
    });
    if (!confirmed) return;
    try {
      const { n_changed: nChanged } = await applyPolicy(this.noticeDays, this.saved.version);
      Toast.show({ label: tn('apply.done', nChanged), variant: 'success' }, this);
    } catch (problem) {
      Toast.show({ label: wordsFor(problem), variant: 'error' }, this);
    }
    await this.look();
  }
}
