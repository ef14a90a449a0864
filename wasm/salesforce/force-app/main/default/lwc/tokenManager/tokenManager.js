// Placeholder: shows that labels, Apex, the core and base components meet.
import { LightningElement } from 'lwc';
import { loadCore } from 'c/tokenCore';
import getMe from '@salesforce/apex/TokenGateway.getMe';
import isAdministrator from '@salesforce/customPermission/Exportgate_Administrator';
import title from '@salesforce/label/c.Exportgate_Title';
import loadingLabel from '@salesforce/label/c.Exportgate_Loading';

export default class TokenManager extends LightningElement {
  labels = { title, loading: loadingLabel };
  me;
  form;
  judged;
  error;

  get role() {
    return isAdministrator ? 'administrator' : 'user';
  }

  get isLoading() {
    return !this.form && !this.error;
  }

  async connectedCallback() {
    try {
      this.me = JSON.parse(await getMe());
      const core = await loadCore(this);
      const { accepted } = core.judge_draft({
        draft: { label: ' Übersicht ' },
        policy: {
          maximum_expiry_days: 30,
          automatic_expiration: true,
          maximum_active_tokens: 25,
        },
        n_active: 0,
        now: '2027-03-31T12:00:00Z',
      });
      this.judged = `${accepted.label} ${accepted.expires_at}`;
      this.form = core.form;
    } catch (error) {
      this.error = error.body ? JSON.parse(error.body.message).code : error.code || error.message;
    }
  }
}
