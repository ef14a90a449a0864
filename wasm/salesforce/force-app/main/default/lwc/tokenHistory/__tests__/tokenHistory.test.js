// The history with the real core in both forms: told in sentences, filtered, and believed only as far
// as it is proven.
import TokenHistory from 'c/tokenHistory';
import { exportHistory, getActivity, listHistory, prover } from 'c/tokenGateway';
import {
  ADMINISTRATOR,
  FORMS,
  ME,
  change,
  clear,
  corpus,
  click,
  drawn,
  event,
  find,
  findAll,
  refusal,
  start,
  textOf,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');

/** Cases of the corpus that belong together. */
const SIGNED = 'extension-lines-are-signed-and-mean-nothing-here';
const FORGED = 'a-changed-root-breaks-the-signature';
const FIRST = 'the-first-of-eight-events';
const LAST = 'the-last-of-eight-events';

const EVENTS = [
  event(2, 'token.revoked', { details: { cause: 'owner' } }),
  event(1, 'export.allowed', {
    details: { n_exports: 3, data_source: '/odata', client_address: null },
  }),
];

describe.each(FORMS)('c-token-history with the core as %s', (form) => {
  beforeEach(async () => {
    await start(form);
    localStorage.clear();
    listHistory.mockResolvedValue({ items: EVENTS, next_cursor: null });
    getActivity.mockResolvedValue({ days: [{ date: '2026-11-25', n_allowed: 3, n_denied: 1 }] });
  });
  afterEach(clear);

  it('tells what happened', async () => {
    const element = await drawn(TokenHistory, { me: ME });
    const words = textOf(element);
    expect(words).toContain('“Sales” of ada was revoked, by the owner');
    expect(words).toContain('3 exports ran with “Sales” of ada: /odata, from an unknown address');
    expect(textOf(find(element, 'c-token-activity'))).toContain('3 allowed,');
    expect(find(element, '.scope')).toBeNull();
    await expect(element).toBeAccessible();
  });

  it('shows an administrator everybody, or one person', async () => {
    const element = await drawn(TokenHistory, { me: ADMINISTRATOR });
    expect(listHistory.mock.lastCall[0].scope).toBe('all');
    const only = findAll(element, 'details lightning-button').find(
      ({ label }) => label === 'Only ada',
    );
    await click(only);
    expect(listHistory.mock.lastCall[0].user_id).toBe('u1');
    expect(find(element, 'lightning-pill').label).toBe('Person: ada');
    await change(find(element, '.scope'), { value: 'own' });
    expect(listHistory.mock.lastCall[0]).toMatchObject({ scope: 'own', user_id: '' });
  });

  it('loads more when asked to', async () => {
    listHistory.mockResolvedValueOnce({ items: EVENTS, next_cursor: 'next' });
    const element = await drawn(TokenHistory, { me: ME });
    listHistory.mockResolvedValueOnce({ items: [event(0, 'user.signed_in')], next_cursor: null });
    await click(find(element, '.more'));
    expect(listHistory.mock.lastCall[1]).toBe('next');
    expect(findAll(element, 'li.slds-item')).toHaveLength(3);
  });

  /** Has the prover bring a case of the corpus. */
  function prove(checkpoint) {
    prover.checkpoint = jest.fn().mockResolvedValue({ origin: 'unread', ...checkpoint });
    prover.proveInclusion = jest.fn((sequence) => {
      const { input } = corpus('verify_inclusion', sequence === 0 ? FIRST : LAST);
      return Promise.resolve({ proof: input.proof });
    });
  }

  it('says what was proven, and remembers it', async () => {
    const events = [LAST, FIRST].map((name) => corpus('verify_inclusion', name).input.event);
    listHistory.mockResolvedValue({ items: events, next_cursor: null });
    prove(corpus('open_checkpoint', SIGNED).input);
    const element = await drawn(TokenHistory, { me: ME });
    await click(find(element, '.verify'));
    const words = () => textOf(find(element, '.finding'));
    expect(words()).toContain('The history is intact');
    expect(words()).toContain('covers a history of 8 events');
    expect(words()).toContain('2 events shown below are in it, exactly as shown.');
    expect(words()).toContain('This browser keeps the checkpoint.');
    await expect(element).toBeAccessible();
    await click(find(element, '.verify'));
    expect(words()).toContain('It is the same history that you verified on');
  });

  it('marks an event that is shown otherwise than it was recorded', async () => {
    const { event: recorded } = corpus('verify_inclusion', LAST).input;
    const changed = { ...recorded, at: '2020-01-01T00:00:00Z' };
    listHistory.mockResolvedValue({ items: [changed], next_cursor: null });
    prove(corpus('open_checkpoint', SIGNED).input);
    const element = await drawn(TokenHistory, { me: ME });
    await click(find(element, '.verify'));
    expect(find(element, 'li.slds-item lightning-badge').label).toBe('not proven');
    expect(textOf(element)).toContain('is not proven to be in it: number 7.');
    expect(localStorage).toHaveLength(0);
  });

  it('does not believe a forged checkpoint', async () => {
    prove(corpus('open_checkpoint', FORGED).input);
    const element = await drawn(TokenHistory, { me: ME });
    await click(find(element, '.verify'));
    expect(textOf(find(element, '.finding'))).toContain('The history cannot be proven');
    expect(textOf(find(element, '.finding'))).toContain('Do not rely on this history.');
    expect(prover.proveInclusion).not.toHaveBeenCalled();
    await expect(element).toBeAccessible();
  });

  it('says when the proofs are not to be had', async () => {
    prover.checkpoint = jest.fn().mockRejectedValue(refusal(503, 'store.unavailable'));
    const element = await drawn(TokenHistory, { me: ME });
    await click(find(element, '.verify'));
    expect(textOf(element)).toContain('Exportgate cannot reach its storage now.');
  });

  it('says that a period is too long for CSV', async () => {
    exportHistory.mockRejectedValue(refusal(422, 'history.too_large'));
    const element = await drawn(TokenHistory, { me: ME });
    await click(find(element, '.csv'));
    expect(textOf(element)).toContain('Choose a shorter period.');
  });

  it('says that nothing matches, and that the host is away', async () => {
    listHistory.mockResolvedValue({ items: [], next_cursor: null });
    const element = await drawn(TokenHistory, { me: ME });
    expect(textOf(element)).toContain('Nothing happened that matches the filter.');
    listHistory.mockRejectedValue(refusal(0, 'host.away'));
    await change(find(element, '.kind'), { value: 'token.created' });
    expect(textOf(element)).toContain('Salesforce cannot reach Exportgate.');
    await expect(element).toBeAccessible();
  });
});
