import { createElement } from 'lwc';
import TokenManager from 'c/tokenManager';
import getMe from '@salesforce/apex/TokenGateway.getMe';

jest.mock('@salesforce/apex/TokenGateway.getMe', () => ({ default: jest.fn() }), { virtual: true });

const settled = () => new Promise((done) => setTimeout(done, 50));

describe('c-token-manager', () => {
  it('shows who is signed in and how the core runs', async () => {
    getMe.mockResolvedValue(JSON.stringify({ display_name: 'Anna' }));
    const element = createElement('c-token-manager', { is: TokenManager });
    document.body.appendChild(element);
    await settled();
    expect(element.shadowRoot.querySelector('[data-id="form"]').textContent).toBe('wasm');
    expect(element.shadowRoot.querySelector('[data-id="me"]').textContent).toMatch(/^Anna/);
    await expect(element).toBeAccessible();
  });
});
