// Uses what components of Exportgate may use of the platform, so that tests see that it works.
import { LightningElement } from 'lwc';
import Confirm from 'lightning/confirm';
import { NavigationMixin } from 'lightning/navigation';
import Toast from 'lightning/toast';
import formFactor from '@salesforce/client/formFactor';
import timeZone from '@salesforce/i18n/timeZone';
import isAdministrator from '@salesforce/customPermission/Exportgate_Administrator';
import title from '@salesforce/label/c.Exportgate_Title';
import userId from '@salesforce/user/Id';
import revokeToken from '@salesforce/apex/TokenGateway.revokeToken';
import { loadCore } from 'c/tokenCore';
import HarnessModal from 'c/harnessModal';

const EVERY_DAY = 86_400_000;

export default class HarnessProbe extends NavigationMixin(LightningElement) {
  said = '';
  tab = 'tokens';

  labels = { title };
  facts = [formFactor, timeZone, String(isAdministrator), userId].join(' ');
  options = ['active', 'expired', 'revoked'].map((value) => ({ label: value, value }));
  columns = [
    { label: 'Label', fieldName: 'label', sortable: true },
    {
      label: 'Status',
      fieldName: 'status',
      cellAttributes: { iconName: { fieldName: 'icon' }, iconAlternativeText: 'Status' },
    },
    { label: 'Expires', fieldName: 'expires_at', type: 'date' },
    { type: 'action', typeAttributes: { rowActions: this.rowActions } },
  ];

  rows = [
    {
      id: '1',
      label: 'Power BI',
      status: 'active',
      icon: 'utility:success',
      expires_at: '2027-05-01T00:00:00Z',
    },
    { id: '2', label: 'Übersicht', status: 'revoked', icon: 'utility:ban', expires_at: null },
  ];

  rowActions(row, done) {
    done([
      { label: 'Rename', name: 'rename' },
      { label: 'Revoke', name: 'revoke', disabled: row.status !== 'active' },
    ]);
  }

  choose({ detail }) {
    this.said = `chose ${detail.value}`;
  }

  act({ detail }) {
    this.said = `${detail.action.name} ${detail.row.label}`;
  }

  async ask() {
    const sure = await Confirm.open({
      label: 'Revoke',
      message: 'Revoke this token?',
      theme: 'warning',
    });
    this.said = `confirmed ${sure}`;
  }

  async create() {
    const result = await HarnessModal.open({ size: 'small', label: 'New token' });
    this.said = `created ${result}`;
  }

  toast() {
    Toast.show(
      { label: 'Token revoked', message: 'Exports with it fail now', variant: 'success' },
      this,
    );
  }

  async refuse() {
    try {
      await revokeToken({ tokenId: 'tok_unknown' });
    } catch (error) {
      this.said = `${error.status} ${JSON.parse(error.body.message).code}`;
    }
  }

  go() {
    this[NavigationMixin.Navigate]({ type: 'standard__webPage', attributes: { url: '/history' } });
  }

  async copy() {
    await navigator.clipboard.writeText('egt_secret');
    this.said = 'copied';
  }

  /** Milliseconds: the core, one judgement, the status of a hundred tokens. */
  async measure() {
    const start = performance.now();
    let core;
    try {
      core = await loadCore(this);
    } catch (error) {
      this.said = `${error.code}: ${error.message}`;
      return;
    }
    const loaded = performance.now();
    const now = '2027-03-31T12:00:00Z';
    const policy = {
      maximum_expiry_days: 30,
      automatic_expiration: true,
      maximum_active_tokens: 25,
    };
    const judge = () =>
      core.judge_draft({ draft: { label: 'Power BI' }, policy, n_active: 0, now });
    judge();
    const warm = performance.now();
    for (let n = 0; n < 10; n++) judge();
    const judged = performance.now();
    const tokens = Array.from({ length: 100 }, (_, n) => ({
      created_at: '2027-01-01T00:00:00Z',
      expires_at: new Date(Date.parse(now) + (n - 50) * EVERY_DAY).toISOString(),
      revoked_at: null,
    }));
    core.token_status({ tokens, now });
    const asked = performance.now();
    const millis = [loaded - start, (judged - warm) / 10, asked - judged].map((ms) =>
      ms.toFixed(2),
    );
    this.said = `${core.form}: load ${millis[0]}, judge ${millis[1]}, 100 statuses ${millis[2]}`;
  }
}
