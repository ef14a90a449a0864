// The policy: what it means, what it would change, and what happens when two administrators meet.
import TokenPolicy from 'c/tokenPolicy';
import LightningConfirm from 'lightning/confirm';
import { applyPolicy, changePolicy, getPolicy, previewPolicy } from 'c/tokenGateway';
import {
  POLICY,
  change,
  clear,
  click,
  drawn,
  find,
  findAll,
  holdTimers,
  pause,
  refusal,
  start,
  textOf,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');

const PREVIEW = {
  new_tokens: '',
  latest_allowed: '2027-02-24T00:00:00Z',
  notice_days: 7,
  n_active: 4,
  n_ending_earlier: 1,
  n_ending_earlier_in_use: 1,
  ending_earlier: [
    {
      token_id: 'id-1',
      label: 'Sales',
      owner: { user_id: 'u1', user_name: 'ada' },
      old_expires_at: null,
      new_expires_at: '2026-12-24T00:00:00Z',
      uses_per_week: 12,
    },
  ],
};

describe('c-token-policy', () => {
  let element;
  beforeEach(async () => {
    await start();
    getPolicy.mockResolvedValue(POLICY);
    previewPolicy.mockResolvedValue(PREVIEW);
    element = await drawn(TokenPolicy);
  });
  afterEach(() => {
    jest.useRealTimers();
    clear();
  });

  async function wish(name, value) {
    holdTimers();
    const input = findAll(element, `.number`).find((number) => number.name === name);
    await change(input, { value });
    await pause();
  }

  it('says what the settings mean and what they would change', async () => {
    expect(find(element, '.meaning').textContent).toContain('at the latest 90 days after');
    expect(textOf(element)).toContain('1 of 4 active tokens would end earlier.');
    expect(textOf(find(element, 'c-token-lanes'))).toContain('12 per week');
    await expect(element).toBeAccessible();
  });

  it('previews what is typed before it is saved', async () => {
    await wish('maximum_expiry_days', '30');
    expect(previewPolicy.mock.lastCall[0].maximum_expiry_days).toBe(30);
    expect(textOf(element)).toContain('Save the policy first');
    changePolicy.mockResolvedValue({ ...POLICY, maximum_expiry_days: 30, version: 4 });
    await click(find(element, '.save'));
    expect(changePolicy.mock.lastCall[1]).toBe(3);
    expect(find(element, '.save').disabled).toBe(true);
  });

  it('switches automatic expiration off with its maximum', async () => {
    holdTimers();
    const [maximum] = findAll(element, 'lightning-input[type=checkbox], lightning-input');
    await change(maximum, { checked: false });
    await pause();
    const [settings] = previewPolicy.mock.lastCall;
    expect(settings).toMatchObject({ maximum_expiry_days: null, automatic_expiration: false });
  });

  it('shows what is wrong where it is', async () => {
    const mistake = {
      pointer: '/maximum_expiry_days',
      code: 'policy.maximum_out_of_range',
      detail: 'must be 1 to 3650',
    };
    previewPolicy.mockRejectedValue(refusal(422, 'policy.maximum_out_of_range', [mistake]));
    const input = findAll(element, '.number')[0];
    input.setCustomValidity = jest.fn();
    input.reportValidity = jest.fn();
    await wish('maximum_expiry_days', '9999');
    expect(input.setCustomValidity).toHaveBeenLastCalledWith('must be 1 to 3650');
    expect(find(element, '.save').disabled).toBe(true);
  });

  it('shows what another administrator saved, and leaves the choice', async () => {
    await wish('maximum_expiry_days', '30');
    changePolicy.mockRejectedValue(refusal(412, 'policy.version_conflict'));
    getPolicy.mockResolvedValue({ ...POLICY, maximum_expiry_days: 60, version: 4 });
    await click(find(element, '.save'));
    expect(textOf(element)).toContain('Somebody else changed the policy meanwhile.');
    expect(textOf(element)).toContain('at the latest 60 days after');
    await expect(element).toBeAccessible();
    await click(find(element, '.keep'));
    changePolicy.mockResolvedValue({ ...POLICY, maximum_expiry_days: 30, version: 5 });
    await click(find(element, '.save'));
    expect(changePolicy.mock.lastCall[1]).toBe(4);
  });

  it('applies after a question, with the notice and the version', async () => {
    LightningConfirm.open = jest.fn().mockResolvedValue(true);
    applyPolicy.mockResolvedValue({ n_changed: 1 });
    await click(find(element, '.apply'));
    expect(LightningConfirm.open.mock.calls[0][0].message).toContain('an expiry is never extended');
    expect(applyPolicy).toHaveBeenCalledWith(7, 3);
  });

  it('says that the host is away', async () => {
    clear();
    getPolicy.mockRejectedValue(refusal(0, 'host.away'));
    element = await drawn(TokenPolicy);
    expect(textOf(element)).toContain('Salesforce cannot reach Exportgate.');
    await expect(element).toBeAccessible();
  });
});
