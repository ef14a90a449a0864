// The screen "Access tokens": a person's own tokens, found, created, renamed, revoked.
import { LightningElement, api } from 'lwc';
import FORM_FACTOR from '@salesforce/client/formFactor';
import LightningConfirm from 'lightning/confirm';
import Toast from 'lightning/toast';
import TokenCreate from 'c/tokenCreate';
import TokenRename from 'c/tokenRename';
import TokenRevokeAll from 'c/tokenRevokeAll';
import { listTokens, revokeToken } from 'c/tokenGateway';
import {
  away,
  instant,
  isSecret,
  localDay,
  pastedWords,
  refreshed,
  revocationWords,
  t,
  tn,
  wordsFor,
} from 'c/tokenShared';
import { text } from 'c/tokenText';

/** How long a person pauses before what was typed is looked for. */
const PAUSE_MILLIS = 300;
/** Who scrolls on wants more. */
const NEXT_PAGE = 200;
const STATUSES = ['active', 'expired', 'revoked'];
const STATUS_ICONS = {
  active: 'utility:success',
  expired: 'utility:clock',
  revoked: 'utility:ban',
};
/** What a column is sorted by, where that is not what it shows. */
const SORT_BY = { created: 'created_at', expires: 'expires_at', lastUsed: 'last_used_at' };

export default class TokenList extends LightningElement {
  /** Who is here: `{user_id, user_name, role, …}`. */
  @api me;
  text = text;
  tokens = [];
  cursor = null;
  nActive = 0;
  status = '';
  label = '';
  isLoading = true;
  isLoaded = false;
  problem;
  /** A token that may have been created, though nobody has seen its secret. */
  lost;
  sortedBy;
  sortDirection = 'asc';
  pause;
  change;
  /** Answers to earlier questions are dropped. */
  question = 0;

  columns = [
    { label: text.label, fieldName: 'label', sortable: true, wrapText: true, initialWidth: 220 },
    { label: text.hint, fieldName: 'shownHint', fixedWidth: 84 },
    {
      label: text.status,
      fieldName: 'shownStatus',
      sortable: true,
      cellAttributes: { iconName: { fieldName: 'statusIcon' } },
    },
    { label: text.created, fieldName: 'created', sortable: true },
    { label: text.expires, fieldName: 'expires', sortable: true, wrapText: true },
    { label: text.last_used, fieldName: 'lastUsed', sortable: true },
    { label: text.uses, fieldName: 'uses', type: 'uses', fixedWidth: 140 },
    {
      type: 'action',
      typeAttributes: { rowActions: (row, done) => done(this.rowActions(row)) },
    },
  ].map((column) => ({ hideDefaultActions: true, ...column }));

  connectedCallback() {
    this.reload();
  }

  disconnectedCallback() {
    clearTimeout(this.pause);
    clearTimeout(this.change);
    this.question += 1;
  }

  get statusOptions() {
    const options = STATUSES.map((status) => ({ value: status, label: t(`status.${status}`) }));
    return [{ value: '', label: text.status_any }, ...options];
  }

  get count() {
    return this.isLoaded ? tn('tokens.active', this.nActive) : text.loading;
  }

  get hasNoActive() {
    return this.nActive === 0;
  }

  get isFiltered() {
    return this.status !== '' || this.label.trim() !== '';
  }

  get isEmpty() {
    return this.isLoaded && !this.isLoading && this.problem === undefined;
  }

  get mayLoadMore() {
    return this.cursor !== null;
  }

  get pasted() {
    return pastedWords(this.label, this.tokens);
  }

  get showsCards() {
    return this.isSmall && this.tokens.length > 0;
  }

  /** Salesforce's table is none for phones: there each token is a card. */
  get isSmall() {
    return FORM_FACTOR === 'Small';
  }

  get rows() {
    return this.tokens.map((token) => ({
      ...token,
      shownHint: `…${token.hint}`,
      shownStatus: t(`status.${token.status}`),
      statusIcon: STATUS_ICONS[token.status],
      created: localDay(token.created_at),
      expires: token.expires_at === null ? text.never : instant(token.expires_at),
      lastUsed: token.last_used_at === null ? text.not_yet : away(token.last_used_at),
      uses: token.uses ?? [],
      isRevoked: token.revoked_at !== null,
    }));
  }

  rowActions(row) {
    return [
      { label: text.rename, name: 'rename' },
      { label: text.revoke, name: 'revoke', disabled: row.isRevoked },
    ];
  }

  async reload() {
    this.tokens = [];
    this.cursor = null;
    this.sortedBy = undefined;
    await this.ask(null);
  }

  async ask(cursor, limit) {
    this.question += 1;
    const { question, status } = this;
    this.isLoading = true;
    this.problem = undefined;
    try {
      const page = await listTokens({ status, label: this.label.trim(), cursor, limit });
      if (question !== this.question) return;
      this.tokens = cursor === null ? page.items : [...this.tokens, ...page.items];
      this.cursor = page.next_cursor;
      this.nActive = page.n_active;
      this.isLoaded = true;
      this.refresh();
    } catch (problem) {
      if (question === this.question) this.problem = problem;
    }
    if (question === this.question) this.isLoading = false;
  }

  /** Statuses change by themselves: the core says what they are, and when to ask it again. */
  refresh() {
    clearTimeout(this.change);
    const { tokens, nEnded, waitMillis } = refreshed(this.tokens);
    this.tokens = tokens;
    this.nActive = Math.max(0, this.nActive - nEnded);
    // eslint-disable-next-line @lwc/lwc/no-async-operation -- waits for an instant
    if (waitMillis !== null) this.change = setTimeout(() => this.refresh(), waitMillis);
  }

  async loadMore() {
    if (this.cursor !== null && !this.isLoading) await this.ask(this.cursor, NEXT_PAGE);
  }

  filterLabel(event) {
    this.label = event.detail.value ?? '';
    clearTimeout(this.pause);
    if (isSecret(this.label)) return;
    // eslint-disable-next-line @lwc/lwc/no-async-operation -- waits for the person to pause
    this.pause = setTimeout(() => this.reload(), PAUSE_MILLIS);
  }

  filterStatus(event) {
    this.status = event.detail.value;
    this.reload();
  }

  showAll() {
    this.status = '';
    this.label = '';
    this.reload();
  }

  /** Sorted is the whole list, so all of it is loaded first. */
  async sort(event) {
    const { fieldName, sortDirection } = event.detail;
    while (this.cursor !== null && this.problem === undefined) {
      // eslint-disable-next-line no-await-in-loop -- each page has the next one's cursor
      await this.ask(this.cursor, NEXT_PAGE);
    }
    if (this.problem !== undefined) return;
    const name = SORT_BY[fieldName] ?? fieldName.replace(/^shownS/, 's');
    const sign = sortDirection === 'asc' ? 1 : -1;
    this.sortedBy = fieldName;
    this.sortDirection = sortDirection;
    this.tokens = [...this.tokens].sort((one, other) => sign * compare(one[name], other[name]));
  }

  async create() {
    const result = await TokenCreate.open({
      label: text.nav_create,
      size: 'small',
      userName: this.me.user_name,
    });
    this.lost = result?.lost;
    if (result) await this.reload();
  }

  handleRowAction(event) {
    const { action, row } = event.detail;
    return this.act(action.name, row.token_id);
  }

  handleCardAction(event) {
    const { name, value } = event.target;
    return this.act(name, value);
  }

  act(deed, id) {
    const token = this.tokens.find(({ token_id }) => token_id === id);
    return deed === 'rename' ? this.rename(token) : this.revoke(token);
  }

  async rename(token) {
    const renamed = await TokenRename.open({ label: text.rename_title, size: 'small', token });
    if (!renamed) return;
    this.replace(renamed);
    this.toast(t('rename.done', { label: renamed.label }));
  }

  async revoke(token) {
    const confirmed = await LightningConfirm.open({
      label: t('revoke.title', { label: token.label }),
      message: revocationWords(token).join(' '),
      theme: 'error',
    });
    if (!confirmed) return;
    try {
      this.replace(await revokeToken(token.token_id));
      this.toast(t('revoke.done', { label: token.label }));
    } catch (problem) {
      this.toast(wordsFor(problem), 'error');
    }
  }

  async revokeAll() {
    const n = await TokenRevokeAll.open({
      label: text.revoke_all_title,
      size: 'small',
      nActive: this.nActive,
    });
    if (n === undefined) return;
    this.toast(tn('revoke_all.done', n));
    await this.reload();
  }

  replace(token) {
    this.tokens = this.tokens.map((item) => {
      if (item.token_id !== token.token_id) return item;
      if (item.status === 'active' && token.status !== 'active') this.nActive -= 1;
      // One token alone comes without its uses.
      return { ...item, ...token };
    });
  }

  toast(label, variant = 'success') {
    Toast.show({ label, variant }, this);
  }
}

/** What is absent comes last: a token without an end ends after all others. */
function compare(one, other) {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one.localeCompare(other);
}
