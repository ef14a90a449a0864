// Labels and names that mean harm, on all four screens: each is told as it is, and stays text.
import TokenCreate from 'c/tokenCreate';
import TokenHistory from 'c/tokenHistory';
import TokenList from 'c/tokenList';
import TokenLost from 'c/tokenLost';
import TokenPolicy from 'c/tokenPolicy';
import TokenRename from 'c/tokenRename';
import {
  createToken,
  getActivity,
  getPolicy,
  listHistory,
  listTokens,
  previewPolicy,
} from 'c/tokenGateway';
import {
  ADMINISTRATOR,
  ME,
  NOW,
  POLICY,
  change,
  clear,
  click,
  drawn,
  event,
  find,
  findAll,
  start,
  textOf,
  token,
} from '../../../../../test/world';

jest.mock('c/tokenGateway');

const WORDS = `"'><img/src/onerror=pwned()>&lt;{who}$&\u05D0`;
const LABEL = `=HYPERLINK("//e")${WORDS}`;
const NAME = `+1${WORDS}`;
const PERSON = { user_id: 'u1', user_name: NAME };

/** An element and all in it, also in the shadows. */
function all(node) {
  const inside = [...node.children, ...(node.shadowRoot?.children ?? [])];
  return [node, ...inside.flatMap(all)];
}

/** These words are told exactly so, and no element was made of them. */
function expectText(element, ...told) {
  const words = textOf(element);
  for (const text of told) expect(words).toContain(text);
  expect(all(element).filter((one) => one.hasAttribute('onerror'))).toEqual([]);
}

describe('hostile words are text', () => {
  beforeEach(async () => {
    await start();
    const lost = token(LABEL, { created_at: NOW });
    listTokens.mockResolvedValue({ items: [lost], next_cursor: null, n_active: 1 });
    getPolicy.mockResolvedValue({ ...POLICY, updated_by: { kind: 'user', ...PERSON } });
  });
  afterEach(clear);

  it('in the list', async () => {
    const element = await drawn(TokenList, { me: { ...ME, user_name: NAME } });
    expect(find(element, 'c-token-table').data[0].label).toBe(LABEL);
    expectText(element);
  });

  it('where a token is renamed', async () => {
    const element = await drawn(TokenRename, { token: token(LABEL) });
    expect(find(element, '.label').value).toBe(LABEL);
    expectText(element);
  });

  it('where a lost one is looked for', async () => {
    const element = await drawn(TokenLost, { lost: { label: LABEL, since: NOW } });
    await click(find(element, '.look'));
    expect(findAll(element, 'li')).toHaveLength(1);
    expectText(find(element, 'li'), LABEL);
    expectText(element, `A token “${LABEL}” may exist`);
  });

  it('where a token is created', async () => {
    createToken.mockResolvedValue({ token: token(LABEL), secret: 'egt_' });
    const element = await drawn(TokenCreate, { userName: NAME });
    await change(find(element, '.label'), { value: LABEL });
    await click(find(element, '.send'));
    expect(textOf(find(element, 'c-token-secret'))).toContain(NAME);
    expectText(element, `“${LABEL}”`);
  });

  it('in the history, its details and its filters', async () => {
    const actor = { kind: 'user', ...PERSON };
    const details = { old_label: LABEL };
    const items = [event(1, 'token.renamed', { actor, owner: PERSON, label: LABEL, details })];
    listHistory.mockResolvedValue({ items, next_cursor: null });
    getActivity.mockResolvedValue({ days: [{ date: '2026-11-25', n_allowed: 3, n_denied: 1 }] });
    const element = await drawn(TokenHistory, { me: ADMINISTRATOR });
    expectText(element, `${NAME} renamed “${LABEL}” to “${LABEL}”`, JSON.stringify(details));
    const [same, person] = findAll(element, 'details lightning-button');
    expect(person.label).toBe(`Only ${NAME}`);
    await click(same);
    await click(find(element, 'details lightning-button:last-child'));
    expect(findAll(element, 'lightning-pill').map(({ label }) => label)).toEqual([
      `Token: ${LABEL}`,
      `Person: ${NAME}`,
    ]);
    expectText(element);
  });

  it('in the policy and its preview', async () => {
    const ending = {
      token_id: 'id-1',
      label: LABEL,
      owner: PERSON,
      old_expires_at: null,
      new_expires_at: '2026-12-24T00:00:00Z',
      uses_per_week: 12,
    };
    previewPolicy.mockResolvedValue({
      n_active: 1,
      n_ending_earlier: 1,
      n_ending_earlier_in_use: 1,
      ending_earlier: [ending],
    });
    const element = await drawn(TokenPolicy);
    expect(textOf(find(element, 'c-token-lanes'))).toContain(NAME);
    expectText(element, `by ${NAME}`, LABEL);
  });

  it('and what is not would be found', () => {
    const element = document.createElement('p');
    expect(() => expectText(element, LABEL)).toThrow('toContain');
    const image = document.createElement('img');
    image.setAttribute('onerror', 'pwned()');
    element.attachShadow({ mode: 'open' }).append(image);
    expect(() => expectText(element)).toThrow('toEqual');
  });
});
