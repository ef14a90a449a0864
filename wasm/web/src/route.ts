// Knows the addresses: `#/tokens` and the like, `#code=…` of a sign-in link, `#sign-in-failed=…` of a
// provider's sign-in, and where the person was before that.
import { Problem } from 'exportgate-shared/problem.ts';

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

/** Takes out of the address why the sign-in with a provider failed. */
export function takeFailure(): Problem | null {
  if (!location.hash.startsWith('#sign-in-failed=')) return null;
  const answer = new URLSearchParams(location.hash.slice(1));
  const code = answer.get('sign-in-failed') ?? '';
  history.replaceState(null, '', location.pathname);
  // Anybody can make such a link, so it cannot bring words of its own.
  if (!/^[a-z_]+\.[a-z_]+$/.test(code)) return new Problem(0, 'internal', '');
  const requestId = /^[\w-]{1,64}$/.exec(answer.get('request_id') ?? '')?.[0] ?? null;
  return new Problem(0, code, code, { requestId });
}

const PLACE = 'exportgate.place';

/** Remembers where the person is, in this tab alone, for the time at a provider. */
export function keepPlace(): void {
  try {
    sessionStorage.setItem(PLACE, location.hash);
  } catch {
    // A browser that keeps nothing for us: the person comes back to the first screen.
  }
}

/** Goes back there, once. */
export function backToPlace(): void {
  try {
    const place = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    if (place?.startsWith('#/') && location.hash === '') {
      history.replaceState(null, '', `${location.pathname}${place}`);
    }
  } catch {
    // Nothing was kept.
  }
}
