import { createElement } from 'lwc';
import TokenManager from 'c/tokenManager';
import getMe from '@salesforce/apex/TokenGateway.getMe';

jest.mock('@salesforce/apex/TokenGateway.getMe', () => ({ default: jest.fn() }), { virtual: true });

/** The part with that id, as soon as it is there. */
async function part(element, id) {
  for (;;) {
    const found = element.shadowRoot.querySelector(`[data-id="${id}"]`);
    if (found) {
      return found;
    }
    // eslint-disable-next-line no-await-in-loop
    await new Promise((done) => {
      setTimeout(done, 5);
    });
  }
}

describe('c-token-manager', () => {
  it('shows who is signed in and how the core runs', async () => {
    getMe.mockResolvedValue(JSON.stringify({ display_name: 'Anna' }));
    const element = createElement('c-token-manager', { is: TokenManager });
    document.body.appendChild(element);
    expect((await part(element, 'form')).textContent).toBe('wasm');
    expect((await part(element, 'me')).textContent).toMatch(/^Anna/);
    await expect(element).toBeAccessible();
  });
});
