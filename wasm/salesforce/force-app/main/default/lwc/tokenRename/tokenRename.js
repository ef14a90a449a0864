// The window "Rename token". Closes with the renamed token, or nothing.
import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import { renameToken } from 'c/tokenGateway';
import { judgeLabel, mistakeWords } from 'c/tokenShared';
import { text } from 'c/tokenText';

export default class TokenRename extends LightningModal {
  @api token;
  text = text;
  label = '';
  isSending = false;
  problem;

  connectedCallback() {
    this.label = this.token.label;
  }

  get mayNotSend() {
    return this.isSending || judgeLabel(this.label) !== undefined;
  }

  typeLabel(event) {
    this.label = event.detail.value ?? '';
    const mistake = judgeLabel(this.label);
    event.target.setCustomValidity?.(mistake ? mistakeWords(mistake) : '');
    event.target.reportValidity?.();
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
      const renamed = await renameToken(this.token.token_id, this.label);
      this.disableClose = false;
      this.close(renamed);
    } catch (problem) {
      this.problem = problem;
    }
    this.disableClose = false;
    this.isSending = false;
  }
}
