// The window "Revoke all": nothing happens before the count is typed.
import TokenRevokeAll from 'c/tokenRevokeAll';
import { revokeAllTokens } from 'c/tokenGateway';
import { change, clear, click, drawn, find, start, textOf } from '../../../../../test/world';

jest.mock('c/tokenGateway');

describe('c-token-revoke-all', () => {
  let element;
  beforeEach(async () => {
    await start();
    element = await drawn(TokenRevokeAll, { nActive: 12 });
  });
  afterEach(clear);

  it('says what stops', async () => {
    expect(textOf(element)).toContain('All 12 active tokens stop working at once');
    await expect(element).toBeAccessible();
  });

  it('waits for the count', async () => {
    await change(find(element, '.count'), { value: '11' });
    await click(find(element, '.send'));
    expect(revokeAllTokens).not.toHaveBeenCalled();
    revokeAllTokens.mockResolvedValue({ n_revoked: 12 });
    await change(find(element, '.count'), { value: '12' });
    await click(find(element, '.send'));
    expect(revokeAllTokens).toHaveBeenCalledTimes(1);
  });
});
