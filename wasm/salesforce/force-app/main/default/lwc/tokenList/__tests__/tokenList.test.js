// The list: found, sorted, renamed, revoked, and what it says when it is empty or fails.
import TokenList from 'c/tokenList';
import LightningConfirm from 'lightning/confirm';
import TokenCreate from 'c/tokenCreate';
import TokenRevokeAll from 'c/tokenRevokeAll';
import { listTokens, revokeToken } from 'c/tokenGateway';
import {
  ME,
  change,
  clear,
  click,
  drawn,
  find,
  holdTimers,
  pause,
  refusal,
  settle,
  start,
  textOf,
  token,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');
jest.mock('c/tokenCreate', () => ({ __esModule: true, default: { open: jest.fn() } }));
jest.mock('c/tokenRename', () => ({ __esModule: true, default: { open: jest.fn() } }));
jest.mock('c/tokenRevokeAll', () => ({ __esModule: true, default: { open: jest.fn() } }));

const page = (items, rest = {}) => ({ items, next_cursor: null, n_active: items.length, ...rest });
const table = (element) => find(element, 'c-token-table');

describe('c-token-list', () => {
  beforeEach(async () => {
    await start();
    listTokens.mockResolvedValue(page([token('b'), token('a')]));
  });
  afterEach(() => {
    jest.useRealTimers();
    clear();
  });

  it('shows what there is, with status as icon and text', async () => {
    const element = await drawn(TokenList, { me: ME });
    expect(table(element).data[0]).toMatchObject({
      label: 'b',
      shownHint: '…Wx1z',
      shownStatus: 'Active',
      statusIcon: 'utility:success',
      lastUsed: 'Not yet',
    });
    expect(textOf(element)).toContain('2 active tokens');
    await expect(element).toBeAccessible();
  });

  it('says what to do first when there is nothing', async () => {
    listTokens.mockResolvedValue(page([]));
    const element = await drawn(TokenList, { me: ME });
    expect(textOf(element)).toContain('Create one for each place that uses it');
    await expect(element).toBeAccessible();
  });

  it('offers all tokens when none matches', async () => {
    const element = await drawn(TokenList, { me: ME });
    listTokens.mockResolvedValue(page([]));
    await change(find(element, '.status'), { value: 'revoked' });
    expect(listTokens).toHaveBeenLastCalledWith(expect.objectContaining({ status: 'revoked' }));
    expect(textOf(element)).toContain('No token matches the filter.');
    await expect(element).toBeAccessible();
  });

  it('looks for a label when the person pauses', async () => {
    const element = await drawn(TokenList, { me: ME });
    holdTimers();
    await change(find(element, '.find'), { value: 'Sal' });
    await change(find(element, '.find'), { value: 'Sales' });
    await pause();
    expect(listTokens).toHaveBeenCalledTimes(2);
    expect(listTokens).toHaveBeenLastCalledWith(expect.objectContaining({ label: 'Sales' }));
  });

  it('keeps a pasted secret in the browser and says whose it is', async () => {
    const element = await drawn(TokenList, { me: ME });
    holdTimers();
    const secret = 'egt_ABCDEFGHIJKLMNOPQRSTUVWXYZ012345000000';
    await change(find(element, '.find'), { value: secret });
    await pause();
    expect(listTokens).toHaveBeenCalledTimes(1);
    expect(textOf(element)).toContain('This is the secret of a token, not a label.');
  });

  it('disables what cannot be done, and does not hide it', async () => {
    const revoked = token('r', { status: 'revoked', revoked_at: '2026-11-21T00:00:00Z' });
    listTokens.mockResolvedValue(page([token('a'), revoked]));
    const element = await drawn(TokenList, { me: ME });
    const { rowActions } = table(element).columns.at(-1).typeAttributes;
    const done = jest.fn();
    table(element).data.forEach((row) => rowActions(row, done));
    expect(done.mock.calls.map(([actions]) => actions[1].disabled)).toEqual([false, true]);
  });

  it('loads the rest before it sorts, so that the first row is the first of all', async () => {
    listTokens.mockResolvedValueOnce(page([token('b')], { next_cursor: 'next', n_active: 3 }));
    const element = await drawn(TokenList, { me: ME });
    listTokens.mockResolvedValueOnce(page([token('c'), token('a')], { n_active: 3 }));
    table(element).dispatchEvent(
      new CustomEvent('sort', { detail: { fieldName: 'label', sortDirection: 'asc' } }),
    );
    await settle();
    expect(table(element).data.map(({ label }) => label)).toEqual(['a', 'b', 'c']);
  });

  it('says before a revocation what will stop, and shows it after', async () => {
    LightningConfirm.open = jest.fn().mockResolvedValue(true);
    const revoked = token('a', { status: 'revoked', revoked_at: '2026-11-25T10:00:00Z' });
    revokeToken.mockResolvedValue(revoked);
    const element = await drawn(TokenList, { me: ME });
    const row = table(element).data[1];
    table(element).dispatchEvent(
      new CustomEvent('rowaction', { detail: { action: { name: 'revoke' }, row } }),
    );
    await settle();
    expect(LightningConfirm.open.mock.calls[0][0].message).toContain('stops working at once');
    expect(table(element).data[1].shownStatus).toBe('Revoked');
    expect(textOf(element)).toContain('1 active token');
  });

  it('changes nothing when the person thinks better of it', async () => {
    LightningConfirm.open = jest.fn().mockResolvedValue(false);
    const element = await drawn(TokenList, { me: ME });
    const detail = { action: { name: 'revoke' }, row: table(element).data[0] };
    table(element).dispatchEvent(new CustomEvent('rowaction', { detail }));
    await settle();
    expect(revokeToken).not.toHaveBeenCalled();
  });

  it('loads anew after all were revoked', async () => {
    TokenRevokeAll.open.mockResolvedValue(2);
    const element = await drawn(TokenList, { me: ME });
    await click(find(element, '.revoke-all'));
    expect(TokenRevokeAll.open).toHaveBeenCalledWith(expect.objectContaining({ nActive: 2 }));
    expect(listTokens).toHaveBeenCalledTimes(2);
  });

  it('never leaves a token unmentioned whose secret nobody saw', async () => {
    TokenCreate.open.mockResolvedValue({ lost: { label: 'Sales', since: '2026-11-25T10:00:00Z' } });
    const element = await drawn(TokenList, { me: ME });
    await click(find(element, '.create'));
    expect(textOf(element)).toContain('A token “Sales” may exist whose secret nobody has seen.');
    await expect(element).toBeAccessible();
  });

  it('says that the host is away and tries again', async () => {
    listTokens.mockRejectedValueOnce(refusal(0, 'host.away'));
    const element = await drawn(TokenList, { me: ME });
    expect(textOf(element)).toContain('Salesforce cannot reach Exportgate.');
    await expect(element).toBeAccessible();
    await click(find(find(element, 'c-token-problem'), 'lightning-button'));
    expect(table(element).data).toHaveLength(2);
  });

  it('drops the answer to an earlier question', async () => {
    let late;
    listTokens.mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
    const element = await drawn(TokenList, { me: ME });
    await change(find(element, '.status'), { value: 'active' });
    late(page([token('late')]));
    await settle();
    expect(table(element).data.map(({ label }) => label)).toEqual(['b', 'a']);
  });
});
