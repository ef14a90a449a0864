// Knows the addresses: `#/tokens` and the like, and `#code=…` of a sign-in link.

export type Route = 'tokens' | 'create' | 'history' | 'policy';
const ROUTES: readonly string[] = ['tokens', 'create', 'history', 'policy'];

/** The screen that the address names. */
export function route(): Route {
  const name = location.hash.replace(/^#\/?/, '').split('?')[0] ?? '';
  return ROUTES.includes(name) ? (name as Route) : 'tokens';
}

/** What stands behind the question mark of the address. */
export function routeQuery(): URLSearchParams {
  return new URLSearchParams(location.hash.split('?')[1] ?? '');
}

/** Takes a sign-in code out of the address and out of the browser's history. */
export function takeCode(): string | null {
  const found = /^#code=([^&]+)/.exec(location.hash);
  if (found === null) return null;
  history.replaceState(null, '', location.pathname);
  try {
    return decodeURIComponent(found[1] ?? '');
  } catch {
    return '';
  }
}
