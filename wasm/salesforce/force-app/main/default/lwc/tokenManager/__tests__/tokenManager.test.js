// The container: who is here, which tabs they get, and what happens when nobody answers.
import TokenManager from 'c/tokenManager';
import { loadCore } from 'c/tokenCore';
import { getMe, listTokens } from 'c/tokenGateway';
import {
  ADMINISTRATOR,
  ME,
  clear,
  click,
  drawn,
  find,
  findAll,
  refusal,
  settle,
  start,
  textOf,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');
jest.mock('c/tokenCore', () => ({ loadCore: jest.fn() }), { virtual: true });

describe('c-token-manager', () => {
  beforeEach(async () => {
    loadCore.mockResolvedValue(await start());
    listTokens.mockResolvedValue({ items: [], next_cursor: null, n_active: 0 });
  });
  afterEach(clear);

  it('waits with a spinner that says so', async () => {
    getMe.mockReturnValue(new Promise(() => {}));
    const element = await drawn(TokenManager);
    expect(find(element, 'lightning-spinner').alternativeText).toBe('Loading …');
    await expect(element).toBeAccessible();
  });

  it('shows a user tokens and history', async () => {
    getMe.mockResolvedValue(ME);
    const element = await drawn(TokenManager);
    expect(findAll(element, 'lightning-tab').map((tab) => tab.label)).toEqual([
      'Access tokens',
      'History',
    ]);
    expect(find(element, 'c-token-list').me).toEqual(ME);
    await expect(element).toBeAccessible();
  });

  it('shows an administrator the policy, and asks for it only when it is looked at', async () => {
    getMe.mockResolvedValue(ADMINISTRATOR);
    const element = await drawn(TokenManager);
    const tab = findAll(element, 'lightning-tab')[2];
    expect(tab.label).toBe('Policy');
    expect(find(element, 'c-token-policy')).toBeNull();
    tab.dispatchEvent(new CustomEvent('active'));
    await settle();
    expect(find(element, 'c-token-policy')).not.toBeNull();
  });

  it('says what to do when the host does not know the person, and tries again', async () => {
    getMe.mockRejectedValueOnce(refusal(401, 'credential.invalid'));
    const element = await drawn(TokenManager);
    expect(textOf(element)).toContain('Ask your administrator to check the connection');
    await expect(element).toBeAccessible();
    getMe.mockResolvedValue(ME);
    await click(find(find(element, 'c-token-problem'), 'lightning-button'));
    expect(find(element, 'c-token-list')).not.toBeNull();
  });

  it('says so when the core runs in neither form', async () => {
    getMe.mockResolvedValue(ME);
    loadCore.mockRejectedValue(refusal(0, 'core.unavailable'));
    const element = await drawn(TokenManager);
    expect(textOf(element)).toContain('does not run here');
  });
});
