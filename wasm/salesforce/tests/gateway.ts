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

/** The host that the tests are given may not know this query yet. */
let knowsUses = true;

/** The body as text; a refusal throws a `Refusal`. */
export async function call(
  host: Host,
  cookie: string,
  method: string,
  args: Args,
): Promise<string> {
  const found = METHODS[method];
  if (found === undefined) throw new Error(`TokenGateway has no method ${method}`);
  const one = found(args);
  if (!knowsUses) delete one.query?.['include'];
  let response = await ask(host, cookie, one);
  if (response.status === 400 && one.query?.['include'] !== undefined) {
    delete one.query['include'];
    response = await ask(host, cookie, one);
    if (response.ok) knowsUses = false;
  }
  const text = await response.text();
  if (response.ok) return text;
  throw new Refusal(refusal(response.status, text));
}

function ask(
  host: Host,
  cookie: string,
  { method = 'GET', path, query, body, version, accept }: Call,
): Promise<Response> {
  const search = new URLSearchParams(given(query ?? {}) as Record<string, string>);
  const headers: Record<string, string> = {
    cookie,
    origin: host.url,
    'sec-fetch-site': 'same-origin',
  };
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

/** `{ code, message, status, … }`: the problem (RFC 9457) without what only HTTP needs. */
function refusal(status: number, text: string): string {
  try {
    const { type: _, title, detail, ...rest } = JSON.parse(text) as Args;
    return JSON.stringify({ ...rest, status, message: detail ?? title });
  } catch {
    return JSON.stringify({
      code: 'internal',
      status,
      message: 'the host answered no problem document',
    });
  }
}
