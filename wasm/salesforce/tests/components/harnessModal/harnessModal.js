// A modal that cannot be closed while it saves.
import LightningModal from 'lightning/modal';

export default class HarnessModal extends LightningModal {
  isSaving = false;

  save() {
    this.isSaving = true;
    this.disableClose = true;
    // eslint-disable-next-line @lwc/lwc/no-async-operation
    setTimeout(() => {
      this.disableClose = false;
      this.close('Power BI');
    }, 300);
  }
}
