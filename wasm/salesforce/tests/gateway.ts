// What the Apex class `TokenGateway` does, for tests: a method becomes a call of the host's, its
// answer the body as text, a refusal the JSON that the class puts into its exception.
import type { Host } from './host.ts';

type Args = Record<string, unknown>;
interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  path: string;
  query?: Args;
  body?: Args;
  /** The policy's version that the caller has seen. */
  version?: unknown;
  accept?: string;
}

const token = ({ tokenId }: Args) => `/v1/tokens/${encodeURIComponent(String(tokenId))}`;
const settings = ({ maximumExpiryDays, automaticExpiration, maximumActiveTokens }: Args): Args => ({
  maximum_expiry_days: maximumExpiryDays ?? null,
  automatic_expiration: automaticExpiration,
  maximum_active_tokens: maximumActiveTokens ?? null,
});
const history = ({
  scope,
  fromDate,
  toDate,
  kind,
  userId,
  tokenId,
  cursor,
  pageSize,
}: Args): Args => ({
  scope,
  from: fromDate,
  to: toDate,
  kind,
  user_id: userId,
  token_id: tokenId,
  cursor,
  limit: pageSize,
});

const METHODS: Record<string, (args: Args) => Call> = {
  getMe: () => ({ path: '/v1/me' }),
  listTokens: ({ status, label, cursor, pageSize }) => ({
    path: '/v1/tokens',
    query: { status, label, cursor, limit: pageSize, include: 'uses' },
  }),
  createToken: ({ label, expiresAt, expiresOn }) => ({
    method: 'POST',
    path: '/v1/tokens',
    body: { label, ...given({ expires_at: expiresAt, expires_on: expiresOn }) },
  }),
  renameToken: (args) => ({ method: 'PATCH', path: token(args), body: { label: args['label'] } }),
  revokeToken: (args) => ({ method: 'POST', path: `${token(args)}/revoke` }),
  revokeAllTokens: () => ({ method: 'POST', path: '/v1/tokens/revoke-all' }),
  getPolicy: () => ({ path: '/v1/policy' }),
  changePolicy: (args) => ({
    method: 'PUT',
    path: '/v1/policy',
    body: settings(args),
    version: args['version'],
  }),
  previewPolicy: (args) => ({
    method: 'POST',
    path: '/v1/policy/preview',
    body: { ...settings(args), ...given({ notice_days: args['noticeDays'] }) },
  }),
  applyPolicy: ({ noticeDays, version }) => ({
    method: 'POST',
    path: '/v1/policy/apply-to-existing',
    body: { notice_days: noticeDays },
    version,
  }),
  listHistory: (args) => ({ path: '/v1/history', query: history(args) }),
  getActivity: ({ scope, fromDate, toDate, userId, tokenId }) => ({
    path: '/v1/history/activity',
    query: { scope, from: fromDate, to: toDate, user_id: userId, token_id: tokenId },
  }),
  exportHistory: ({ cursor: _, pageSize: __, ...args }) => ({
    path: '/v1/history',
    query: history(args),
    accept: 'text/csv',
  }),
  getCheckpoint: () => ({ path: '/v1/history/checkpoint' }),
  proveInclusion: ({ sequence, size }) => ({
    path: '/v1/history/proof/inclusion',
    query: { sequence, size },
  }),
  proveConsistency: ({ fromSize, toSize }) => ({
    path: '/v1/history/proof/consistency',
    query: { from: fromSize, to: toSize },
  }),
};

/** What has a value. */
function given(args: Args): Args {
  return Object.fromEntries(
    Object.entries(args).filter(
      ([, value]) => value !== undefined && value !== null && value !== '',
    ),
  );
}

/** What Apex answers: the body as text and the host's time. */
export interface Answer {
  body: string;
  hostTime: string | null;
}

/** The host's answer; a refusal throws a `Refusal`. */
export async function call(
  host: Host,
  assertion: string | undefined,
  method: string,
  args: Args,
): Promise<Answer> {
  const found = METHODS[method];
  if (found === undefined) throw new Error(`TokenGateway has no method ${method}`);
  let response: Response;
  try {
    response = await ask(host, assertion, found(args));
  } catch {
    throw new Refusal(
      JSON.stringify({ status: 0, code: 'host.away', detail: 'the host cannot be reached' }),
    );
  }
  const body = await response.text();
  if (response.ok) return { body, hostTime: response.headers.get('date') };
  throw new Refusal(refusal(response, body));
}

function ask(
  host: Host,
  assertion: string | undefined,
  { method = 'GET', path, query, body, version, accept }: Call,
): Promise<Response> {
  const search = new URLSearchParams(given(query ?? {}) as Record<string, string>);
  const headers: Record<string, string> = {};
  if (assertion !== undefined) headers['authorization'] = `Bearer ${assertion}`;
  if (accept !== undefined) headers['accept'] = accept;
  if (version !== undefined) headers['if-match'] = `"${version}"`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(`${host.url}${path}${search.size > 0 ? `?${search}` : ''}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Its message is the text of the exception. */
export class Refusal extends Error {}

/** The host's problem (RFC 9457), with what only its headers say. */
function refusal({ status, headers }: Response, text: string): string {
  try {
    return JSON.stringify({ ...JSON.parse(text), status, retry_after: headers.get('retry-after') });
  } catch {
    return JSON.stringify({ status, code: 'host.unclear', detail: `status ${status}` });
  }
}
