// The small bars say in words what they show.
import TokenUses from 'c/tokenUses';
import { clear, drawn, find, findAll, start } from '../../../../../test/world';

describe('c-token-uses', () => {
  beforeEach(() => start());
  afterEach(clear);

  it('draws a bar for each day with exports', async () => {
    const uses = [
      { date: '2026-11-24', n_allowed: 3, n_denied: 1 },
      { date: '2026-11-25', n_allowed: 1, n_denied: 0 },
    ];
    const element = await drawn(TokenUses, { uses });
    expect(
      findAll(find(element, 'c-token-bars'), 'rect').map((bar) => bar.getAttribute('class')),
    ).toEqual(['allowed', 'denied', 'allowed']);
    expect(find(find(element, 'c-token-bars'), 'svg').getAttribute('aria-label')).toBe(
      '4 exports in 28 days, 1 refused',
    );
    await expect(element).toBeAccessible();
  });

  it('says that there were none', async () => {
    const element = await drawn(TokenUses, { uses: [] });
    expect(find(find(element, 'c-token-bars'), 'svg').getAttribute('aria-label')).toBe(
      'No exports in the last 28 days',
    );
  });
});
