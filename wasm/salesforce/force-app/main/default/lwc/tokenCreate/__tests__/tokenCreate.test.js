// The window "New token" with the real core in both forms: judged while one types, created once, the
// secret shown once.
import TokenCreate from 'c/tokenCreate';
import { createToken, getPolicy, listTokens } from 'c/tokenGateway';
import {
  FORMS,
  POLICY,
  change,
  clear,
  click,
  drawn,
  find,
  findAll,
  refusal,
  settle,
  start,
  textOf,
  token,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');

const SECRET = 'egt_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123451abcde';

describe.each(FORMS)('c-token-create with the core as %s', (form) => {
  let element;
  let closed;

  async function open(policy = {}, nActive = 1) {
    getPolicy.mockResolvedValue({ ...POLICY, ...policy });
    listTokens.mockResolvedValue({ items: [], next_cursor: null, n_active: nActive });
    element = await drawn(TokenCreate, { userName: 'ada' });
    closed = jest.fn();
    element.addEventListener('close', (event) => closed(event.detail));
    element.close = closed;
  }

  beforeEach(async () => {
    await start(form);
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: jest.fn().mockResolvedValue(undefined) },
      configurable: true,
    });
  });
  afterEach(clear);

  it('offers what the policy allows, and says when the token would expire', async () => {
    await open();
    const values = find(element, '.expiry').options.map(({ value }) => value);
    expect(values).toEqual(['days_7', 'days_30', 'maximum', 'date']);
    expect(find(element, '.verdict').textContent).toContain('It will expire in 3 months');
    await expect(element).toBeAccessible();
  });

  it('offers no expiry where it is allowed, with a word about the maximum', async () => {
    await open({ automatic_expiration: false });
    const never = find(element, '.expiry').options.find(({ value }) => value === 'never');
    expect(never.label).toContain('although your organization sets a maximum');
  });

  it('says what is wrong with a label while it is typed', async () => {
    await open();
    const input = find(element, '.label');
    input.setCustomValidity = jest.fn();
    input.reportValidity = jest.fn();
    await change(input, { value: 'x'.repeat(81) });
    expect(input.setCustomValidity).toHaveBeenLastCalledWith(
      'The label is longer than 80 characters. Shorten it.',
    );
    await change(input, { value: 'x' });
    expect(input.setCustomValidity).toHaveBeenLastCalledWith('');
  });

  it('says the latest day when a date is too late', async () => {
    await open();
    await change(find(element, '.expiry'), { value: 'date' });
    const input = find(element, '.date');
    expect(input.max).toBe('2027-02-23');
    input.setCustomValidity = jest.fn();
    input.reportValidity = jest.fn();
    await change(input, { value: '2028-01-01' });
    expect(input.setCustomValidity.mock.lastCall[0]).toContain('The latest is 24 Feb 2027');
    await expect(element).toBeAccessible();
  });

  it('says that there are as many tokens as allowed', async () => {
    await open({}, 25);
    expect(textOf(element)).toContain(
      'You have as many active tokens as your organization allows.',
    );
  });

  it('asks the host once, however often one clicks, and shows the secret', async () => {
    await open();
    let answer;
    createToken.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    await change(find(element, '.label'), { value: ' Sales ' });
    const button = find(element, '.send');
    button.click();
    button.click();
    await settle();
    expect(createToken).toHaveBeenCalledTimes(1);
    expect(createToken.mock.calls[0][0].label).toBe(' Sales ');
    answer({ token: token('Sales'), secret: SECRET });
    await settle();
    const secret = find(element, 'c-token-secret');
    expect(find(secret, '.secret').value).toBe(SECRET);
    expect(textOf(secret)).toContain('Choose Basic on the left');
    await expect(element).toBeAccessible();
  });

  it('warns who leaves without a copy, and lets go who copied', async () => {
    await open();
    createToken.mockResolvedValue({ token: token('Sales'), secret: SECRET });
    await change(find(element, '.label'), { value: 'Sales' });
    await click(find(element, '.send'));
    await click(find(element, '.done'));
    expect(textOf(element)).toContain('Leave without copying the secret?');
    await expect(element).toBeAccessible();
    await click(find(element, '.stay'));
    await click(find(find(element, 'c-token-secret'), '.copy'));
    expect(navigator.clipboard.writeText).toHaveBeenCalledWith(SECRET);
    expect(textOf(element)).toContain('Copied. Now paste it into Power BI.');
    expect(findAll(element, '.leave')).toEqual([]);
  });

  it('selects the secret where copying is blocked', async () => {
    navigator.clipboard.writeText.mockRejectedValue(new Error('blocked'));
    await open();
    createToken.mockResolvedValue({ token: token('Sales'), secret: SECRET });
    await change(find(element, '.label'), { value: 'Sales' });
    await click(find(element, '.send'));
    await click(find(find(element, 'c-token-secret'), '.copy'));
    expect(textOf(element)).toContain('The browser does not let this page copy.');
  });

  it("shows the host's refusal and keeps what was typed", async () => {
    await open();
    createToken.mockRejectedValue(refusal(503, 'store.unavailable'));
    await change(find(element, '.label'), { value: 'Sales' });
    await click(find(element, '.send'));
    expect(textOf(element)).toContain('Nothing was changed.');
    expect(find(element, '.label').value).toBe('Sales');
    await expect(element).toBeAccessible();
  });

  it('loads again after a failure', async () => {
    getPolicy.mockRejectedValueOnce(refusal(0, 'host.away'));
    listTokens.mockResolvedValue({ items: [], next_cursor: null, n_active: 1 });
    element = await drawn(TokenCreate, { userName: 'ada' });
    expect(textOf(element)).toContain('Salesforce cannot reach Exportgate.');
    getPolicy.mockResolvedValue(POLICY);
    await click(find(find(element, 'c-token-problem'), 'lightning-button'));
    expect(find(element, '.expiry')).not.toBeNull();
  });
});
