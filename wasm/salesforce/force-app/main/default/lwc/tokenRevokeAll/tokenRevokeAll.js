// The window "Revoke all": asks for the number of active tokens. Closes with how many were revoked.
import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import { revokeAllTokens } from 'c/tokenGateway';
import { t, tn } from 'c/tokenShared';
import { text } from 'c/tokenText';

export default class TokenRevokeAll extends LightningModal {
  @api nActive;
  text = text;
  typed = '';
  isSending = false;
  problem;

  get stops() {
    return tn('revoke_all.stops', this.nActive);
  }

  get typeLabel() {
    return t('revoke_all.type', { n: this.nActive });
  }

  get mayNotSend() {
    return this.isSending || this.typed.trim() !== String(this.nActive);
  }

  type(event) {
    this.typed = event.detail.value ?? '';
  }

  cancel() {
    this.close();
  }

  async send() {
    if (this.mayNotSend) return;
    this.isSending = true;
    this.disableClose = true;
    this.problem = undefined;
    try {
      const { n_revoked: n } = await revokeAllTokens();
      this.disableClose = false;
      this.close(n);
    } catch (problem) {
      this.problem = problem;
    }
    this.disableClose = false;
    this.isSending = false;
  }
}
