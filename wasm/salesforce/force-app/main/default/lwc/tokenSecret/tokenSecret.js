// Shows a new token's secret, once: copies it, says where it goes. Fires `copied`.
import { LightningElement, api } from 'lwc';
import { t, validityWords } from 'c/tokenShared';
import { text } from 'c/tokenText';

export default class TokenSecret extends LightningElement {
  /** The host's answer: `{token, secret}`. */
  @api created;
  @api userName;
  text = text;
  isCopied = false;
  isBlocked = false;
  isFocused = false;

  /** Puts the keyboard on the button that copies. */
  @api
  focus() {
    this.template.querySelector('.copy').focus();
  }

  connectedCallback() {
    window.addEventListener('beforeunload', this.warn);
  }

  disconnectedCallback() {
    window.removeEventListener('beforeunload', this.warn);
  }

  renderedCallback() {
    if (this.isFocused) return;
    this.isFocused = true;
    this.focus();
  }

  get once() {
    return t('secret.once', { label: this.created.token.label });
  }

  get validity() {
    return validityWords(this.created.token.expires_at);
  }

  get state() {
    if (this.isCopied) return text.secret_copied;
    return this.isBlocked ? text.secret_blocked : text.secret_not_copied;
  }

  warn = (event) => {
    if (!this.isCopied) event.preventDefault();
  };

  select(event) {
    event.target.select?.();
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.created.secret);
      this.handleCopied();
    } catch {
      this.isBlocked = true;
      this.template.querySelector('.secret').focus();
    }
  }

  handleCopied() {
    this.isCopied = true;
    this.dispatchEvent(new CustomEvent('copied'));
  }
}
