// Speaks to the host: every route the page uses, and what a refusal becomes.
import { hear } from 'exportgate-shared/clock.ts';
import { Problem } from 'exportgate-shared/problem.ts';
import type {
  Activity,
  Checkpoint,
  ConsistencyProof,
  Created,
  Draft,
  EventPage,
  InclusionProof,
  Me,
  Policy,
  PolicySettings,
  Preview,
  Provider,
  Token,
  TokenPage,
} from 'exportgate-shared/shapes.ts';

/** Longer than the host takes for anything; after it nobody waits any more. */
const PATIENCE_MILLIS = 20_000;
/** Nobody waits longer to be told of providers: the form for codes is there without them. */
const PROVIDERS_MILLIS = 3_000;

/** Has the person sign in again; false: somebody else came, or nobody. */
type SignInAgain = () => Promise<boolean>;
let signInAgain: SignInAgain = () => Promise.resolve(false);

/** Names who is asked when a session has run out. */
export function onSessionEnd(ask: SignInAgain): void {
  signInAgain = ask;
}

interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  body?: unknown;
  version?: number;
  accept?: string;
  signal?: AbortSignal;
  /** The session is not needed or not to be asked for again. */
  anonymous?: boolean;
}

async function send(path: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { accept: call.accept ?? 'application/json' };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  if (call.version !== undefined) headers['if-match'] = `"${call.version}"`;
  const patience = AbortSignal.timeout(PATIENCE_MILLIS);
  const signal = call.signal ? AbortSignal.any([call.signal, patience]) : patience;
  const init: RequestInit = { method: call.method ?? 'GET', headers, signal, cache: 'no-store' };
  if (call.body !== undefined) init.body = JSON.stringify(call.body);
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new Problem(0, 'host.away', 'the host cannot be reached');
  }
  hear(response.headers.get('date'));
  if (response.ok) return response;
  throw await problem(response);
}

async function problem(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) {
    // Not the host's words: something between it and us.
    return new Problem(response.status, 'host.unclear', `status ${response.status}`);
  }
  const body = await response.json().catch(() => null);
  return Problem.read(response.status, body, response.headers.get('retry-after'));
}

/** Answers the response; a session that ran out is renewed on the way. */
async function ask(path: string, call: Call = {}): Promise<Response> {
  try {
    return await send(path, call);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401 || call.anonymous) throw error;
    if (!(await signInAgain())) throw error;
    // Nothing was changed. Reading goes on by itself; a change is the person's to repeat.
    if ((call.method ?? 'GET') !== 'GET') {
      throw new Problem(401, 'session.renewed', 'signed in again, nothing was changed');
    }
    return send(path, call);
  }
}

async function json<T>(path: string, call: Call = {}): Promise<T> {
  const response = await ask(path, call);
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem(0, 'host.away', 'the answer was cut off');
  }
}

/** A query without what is empty. */
export function query(parts: Record<string, string | number | null | undefined>): string {
  const entries = Object.entries(parts).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  const text = new URLSearchParams(
    entries.map(([name, value]) => [name, String(value)]),
  ).toString();
  return text === '' ? '' : `?${text}`;
}

const token = (id: string) => `/v1/tokens/${encodeURIComponent(id)}`;

export const me = () => json<Me>('/v1/me', { anonymous: true });
export const signIn = (code: string) =>
  json<Me>('/v1/sign-in', { method: 'POST', body: { code }, anonymous: true });
/** Whom people can sign in with; nobody where the host does not say. */
export const providers = (): Promise<Provider[]> =>
  json<{ providers: Provider[] }>('/v1/sign-in', {
    anonymous: true,
    signal: AbortSignal.timeout(PROVIDERS_MILLIS),
  }).then(
    (answer) => answer.providers,
    () => [],
  );
/** Answers where the browser goes to end the session at the provider, too, if there is one. */
export async function signOut(): Promise<string | null> {
  const response = await ask('/v1/sign-out', { method: 'POST', anonymous: true });
  // The session is over, whatever becomes of the answer.
  const answer: { provider_sign_out_url?: unknown } | null =
    response.status === 200 ? await response.json().catch(() => null) : null;
  const url = answer?.provider_sign_out_url;
  return typeof url === 'string' && /^https?:/.test(url) ? url : null;
}

export const listTokens = (
  filter: { status?: string; label?: string; cursor?: string | null; limit?: number },
  signal?: AbortSignal,
) =>
  json<TokenPage>(`/v1/tokens${query({ ...filter, include: 'uses' })}`, signal ? { signal } : {});
export const createToken = (draft: Draft) =>
  json<Created>('/v1/tokens', { method: 'POST', body: draft });
export const renameToken = (id: string, label: string) =>
  json<Token>(token(id), { method: 'PATCH', body: { label } });
export const revokeToken = (id: string) => json<Token>(`${token(id)}/revoke`, { method: 'POST' });
export const revokeAll = () =>
  json<{ n_revoked: number }>('/v1/tokens/revoke-all', { method: 'POST' });

export const readPolicy = () => json<Policy>('/v1/policy');
export const changePolicy = (settings: PolicySettings, version: number) =>
  json<Policy>('/v1/policy', { method: 'PUT', body: settings, version });
export const previewPolicy = (settings: PolicySettings, notice_days: number, signal: AbortSignal) =>
  json<Preview>('/v1/policy/preview', {
    method: 'POST',
    body: { ...settings, notice_days },
    signal,
  });
export const applyPolicy = (notice_days: number, version: number) =>
  json<{ n_changed: number }>('/v1/policy/apply-to-existing', {
    method: 'POST',
    body: { notice_days },
    version,
  });

export const readHistory = (filter: Record<string, string | null>, signal: AbortSignal) =>
  json<EventPage>(`/v1/history${query(filter)}`, { signal });
/** Exports per day; of the filter only what is about exports. */
export const activity = (
  filter: { scope: string; from: string; to: string; user_id: string; token_id: string },
  signal: AbortSignal,
) => {
  const { scope, from, to, user_id, token_id } = filter;
  return json<Activity>(`/v1/history/activity${query({ scope, from, to, user_id, token_id })}`, {
    signal,
  });
};
/** Everything that matches as CSV, to be read as it comes. */
export const historyAsCsv = (filter: Record<string, string | null>, signal: AbortSignal) =>
  ask(`/v1/history${query(filter)}`, { accept: 'text/csv', signal });
export const checkpoint = () => json<Checkpoint>('/v1/history/checkpoint');
export const proveInclusion = (sequence: number, size: number) =>
  json<InclusionProof>(`/v1/history/proof/inclusion${query({ sequence, size })}`);
export const proveConsistency = (from: number, to: number) =>
  json<ConsistencyProof>(`/v1/history/proof/consistency${query({ from, to })}`);
