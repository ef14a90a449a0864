// What goes to Apex and what comes back, and what a refusal becomes.
import createToken from '@salesforce/apex/TokenGateway.createToken';
import listHistory from '@salesforce/apex/TokenGateway.listHistory';
import changePolicy from '@salesforce/apex/TokenGateway.changePolicy';
import exportHistory from '@salesforce/apex/TokenGateway.exportHistory';
import * as gateway from 'c/tokenGateway';
import { hostNow } from 'c/tokenShared';

jest.mock('@salesforce/apex/TokenGateway.createToken', () => ({ default: jest.fn() }), {
  virtual: true,
});
jest.mock('@salesforce/apex/TokenGateway.listHistory', () => ({ default: jest.fn() }), {
  virtual: true,
});
jest.mock('@salesforce/apex/TokenGateway.changePolicy', () => ({ default: jest.fn() }), {
  virtual: true,
});
jest.mock('@salesforce/apex/TokenGateway.exportHistory', () => ({ default: jest.fn() }), {
  virtual: true,
});

const answer = (body) => ({
  body: JSON.stringify(body),
  hostTime: 'Wed, 25 Nov 2026 10:00:00 GMT',
});
const apexError = (message) => ({ status: 500, body: { message } });

describe('c-token-gateway', () => {
  afterEach(() => jest.clearAllMocks());

  it('sends the names that Apex has, and nothing for what is empty', async () => {
    listHistory.mockResolvedValue(answer({ items: [], next_cursor: null }));
    const filter = {
      scope: 'all',
      from: '2026-11-01',
      to: '',
      kind: '',
      user_id: 'u1',
      token_id: '',
    };
    await gateway.listHistory(filter, null);
    expect(listHistory).toHaveBeenCalledWith({
      scope: 'all',
      fromDate: '2026-11-01',
      toDate: null,
      kind: null,
      userId: 'u1',
      tokenId: null,
      cursor: null,
      pageSize: null,
    });
  });

  it('keeps null apart from a limit', async () => {
    changePolicy.mockResolvedValue(answer({}));
    const settings = {
      maximum_expiry_days: null,
      automatic_expiration: false,
      maximum_active_tokens: 5,
    };
    await gateway.changePolicy(settings, 7);
    expect(changePolicy).toHaveBeenCalledWith({
      maximumExpiryDays: null,
      automaticExpiration: false,
      maximumActiveTokens: 5,
      version: 7,
    });
  });

  it('takes the time from the host and not from the browser', async () => {
    createToken.mockResolvedValue(answer({ secret: 'egt_x' }));
    expect(await gateway.createToken({ label: 'a' })).toEqual({ secret: 'egt_x' });
    expect(hostNow()).toMatch(/^2026-11-25T10:00:0/);
  });

  it('hands CSV on as it is', async () => {
    exportHistory.mockResolvedValue({ body: 'sequence,at\n', hostTime: null });
    expect(await gateway.exportHistory({ scope: 'own' })).toBe('sequence,at\n');
  });

  it("turns the host's refusal into a problem with its code and mistakes", async () => {
    const errors = [{ pointer: '/label', code: 'label.empty', detail: 'a label is needed' }];
    const body = { status: 422, code: 'label.empty', detail: 'd', errors, request_id: 'r' };
    createToken.mockRejectedValue(apexError(JSON.stringify(body)));
    const problem = await gateway.createToken({ label: '' }).catch((error) => error);
    expect(problem).toMatchObject({
      status: 422,
      code: 'label.empty',
      mistakes: errors,
      requestId: 'r',
    });
    expect(problem.changedNothing).toBe(true);
  });

  it.each([
    ['the host is away', JSON.stringify({ status: 0, code: 'host.away', detail: '' }), 'host.away'],
    ['Salesforce itself refuses', 'You do not have access to the Apex class', 'host.unclear'],
    ['there is no message', undefined, 'host.unclear'],
  ])('never claims that nothing was changed when %s', async (_case, message, code) => {
    createToken.mockRejectedValue(apexError(message));
    const problem = await gateway.createToken({ label: 'a' }).catch((error) => error);
    expect(problem.code).toBe(code);
    expect(problem.changedNothing).toBe(false);
  });

  it('refuses an answer that is cut off', async () => {
    createToken.mockResolvedValue({ body: '{"token":', hostTime: null });
    const problem = await gateway.createToken({ label: 'a' }).catch((error) => error);
    expect(problem).toMatchObject({ code: 'host.unclear', changedNothing: false });
  });
});
