// The window "Rename token": the core judges the new label, the host's refusal is shown.
import TokenRename from 'c/tokenRename';
import { renameToken } from 'c/tokenGateway';
import {
  change,
  clear,
  click,
  drawn,
  find,
  refusal,
  start,
  textOf,
  token,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');

describe('c-token-rename', () => {
  let element;
  beforeEach(async () => {
    await start();
    element = await drawn(TokenRename, { token: token('Sales') });
  });
  afterEach(clear);

  it('starts with the label that there is', async () => {
    expect(find(element, '.label').value).toBe('Sales');
    await expect(element).toBeAccessible();
  });

  it('sends no bad label', async () => {
    await change(find(element, '.label'), { value: '  ' });
    expect(find(element, '.send').disabled).toBe(true);
    await click(find(element, '.send'));
    expect(renameToken).not.toHaveBeenCalled();
  });

  it('stays and says why when the host refuses', async () => {
    renameToken.mockRejectedValue(refusal(404, 'token.not_found'));
    await change(find(element, '.label'), { value: 'New' });
    await click(find(element, '.send'));
    expect(renameToken).toHaveBeenCalledWith('id-Sales', 'New');
    expect(textOf(element)).toContain('This token is not there any more.');
    await expect(element).toBeAccessible();
  });
});
