// After a creation without an answer: the token is looked for and revoked, or it is not there.
import TokenLost from 'c/tokenLost';
import { listTokens, revokeToken } from 'c/tokenGateway';
import {
  NOW,
  clear,
  click,
  drawn,
  find,
  findAll,
  start,
  textOf,
  token,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');

describe('c-token-lost', () => {
  let element;
  beforeEach(async () => {
    await start();
    element = await drawn(TokenLost, { lost: { label: 'Sales', since: NOW } });
  });
  afterEach(clear);

  it('finds the one that was made just now, and no older one of that label', async () => {
    const old = token('Sales', { token_id: 'old' });
    const lost = token('Sales', { token_id: 'lost', created_at: NOW });
    listTokens.mockResolvedValue({ items: [lost, old], next_cursor: null, n_active: 2 });
    await click(find(element, '.look'));
    const buttons = findAll(element, 'li lightning-button');
    expect(buttons.map(({ value }) => value)).toEqual(['lost']);
    await expect(element).toBeAccessible();
    revokeToken.mockResolvedValue({});
    await click(buttons[0]);
    expect(revokeToken).toHaveBeenCalledWith('lost');
    expect(findAll(element, 'li')).toEqual([]);
  });

  it('says when there is none', async () => {
    listTokens.mockResolvedValue({ items: [], next_cursor: null, n_active: 0 });
    await click(find(element, '.look'));
    expect(textOf(element)).toContain('There is no such token now. You can create it again.');
  });
});
