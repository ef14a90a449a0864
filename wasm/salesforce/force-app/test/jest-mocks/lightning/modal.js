// `lightning/modal` for Jest: `open` is a mock, and `close` tells with what in a `close` event.
import { LightningElement, api } from 'lwc';

export default class LightningModal extends LightningElement {
  static open = jest.fn(() => Promise.resolve());

  @api size;
  @api label;
  @api description;
  @api disableClose = false;

  @api close(result) {
    if (this.disableClose) throw new Error('the modal is being closed while `disableClose` is set');
    this.dispatchEvent(new CustomEvent('close', { detail: result }));
  }
}
