// After a creation without an answer: says that a token may exist whose secret nobody saw, looks for
// it, and revokes it. Fires `revoked`.
import { LightningElement, api } from 'lwc';
import { listTokens, revokeToken } from 'c/tokenGateway';
import { instant, maybeLost, t, tn } from 'c/tokenShared';
import { text } from 'c/tokenText';

export default class TokenLost extends LightningElement {
  /** What may have been created: `{label, since}`. */
  @api lost;
  text = text;
  tokens;
  isBusy = false;
  problem;

  get lead() {
    return t('lost.lead', { label: this.lost.label });
  }

  get found() {
    return (this.tokens ?? []).map((token) => ({
      ...token,
      shownHint: `…${token.hint}`,
      created: instant(token.created_at),
    }));
  }

  get state() {
    if (this.tokens === undefined) return '';
    return this.tokens.length === 0 ? text.lost_none : tn('lost.found', this.tokens.length);
  }

  get lookLabel() {
    return this.isBusy ? text.working : text.lost_look;
  }

  look() {
    return this.attempt(async () => {
      const page = await listTokens({ status: 'active', label: this.lost.label });
      this.tokens = maybeLost(page.items, this.lost);
    });
  }

  revoke(event) {
    const id = event.target.value;
    return this.attempt(async () => {
      await revokeToken(id);
      this.tokens = this.tokens.filter(({ token_id }) => token_id !== id);
      this.dispatchEvent(new CustomEvent('revoked'));
    });
  }

  async attempt(deed) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.problem = undefined;
    try {
      await deed();
    } catch (problem) {
      this.problem = problem;
    }
    this.isBusy = false;
  }
}
