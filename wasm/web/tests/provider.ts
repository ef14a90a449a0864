// A real OpenID provider on this machine (npm `oidc-provider`), with accounts, a form of its own, and
// what goes wrong with providers: other keys, and being away.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { type Configuration, type JWK, Provider } from 'oidc-provider';
import type { Host } from './host.ts';

/** What the provider says of a person, beside `sub`. */
type Claims = Record<string, unknown>;

/** What it says to whom the person lets know the profile: as OpenID, Entra ID and Salesforce have it. */
const PROFILE = [
  'preferred_username',
  'name',
  'groups',
  'tid',
  'organization_id',
  'custom_attributes',
  'updated_at',
  'photos',
  'active',
  'utcOffset',
];

interface Wishes {
  /** The word in the host's routes. */
  name?: string;
  /** Whether the host has a secret; without one it shows by PKCE alone who asked. */
  secret?: boolean;
  /** Claims stand in the ID token, as those of Entra ID do; else the host has to ask for them. */
  claimsInIdToken?: boolean;
}

const CLIENT = 'exportgate';
const SECRET = 'a-secret-of-the-tests-alone';
const SECRET_FILE = 'oidc-secret';

export class OpenIdProvider {
  /** The accounts, by what is typed into the form; that is their `sub`, too. */
  readonly accounts = new Map<string, Claims>();
  /** Shows the way back to the host as a link, instead of sending the browser there. */
  holdsBack = false;
  private provider: Provider | undefined;
  private redirect = '';
  private backchannel = '';
  private afterSignOut = '';
  private readonly cookieKeys = [randomUUID()];

  private constructor(
    private readonly wishes: Wishes,
    private server: Server,
    /** The name and not the number: for a browser it is another site than the host, as in real life. */
    readonly issuer: string,
  ) {}

  /** Listens, and answers nobody before it knows the host. */
  static async open(wishes: Wishes = {}): Promise<OpenIdProvider> {
    const server = createServer();
    await listen(server, 0);
    const { port } = server.address() as AddressInfo;
    const provider = new OpenIdProvider(wishes, server, `http://localhost:${port}`);
    server.on('request', provider.answer);
    return provider;
  }

  /** Lays the client's secret into the host's folder, and answers the host's `[[oidc]]`. */
  async configuration(folder: string, displayName: string, rest: string): Promise<string> {
    const { name, secret } = this.wishes;
    if (secret) await writeFile(join(folder, SECRET_FILE), `${SECRET}\n`, { mode: 0o600 });
    return `[[oidc]]
${name === undefined ? '' : `name = "${name}"`}
display_name = "${displayName}"
issuer = "${this.issuer}"
client_id = "${CLIENT}"
${secret ? `client_secret_file = "${SECRET_FILE}"` : ''}
${rest}
`;
  }

  /** Learns where the host is, and answers from now on. */
  know(host: Host): void {
    const name = this.wishes.name === undefined ? '' : `/${this.wishes.name}`;
    this.redirect = `${host.url}/v1/sign-in/oidc/callback${name}`;
    this.backchannel = `${host.direct}/v1/sign-in/oidc/backchannel-logout${name}`;
    this.afterSignOut = `${host.url}/`;
    this.rotateKeys();
  }

  /** Signs with another key from now on, and nobody can verify what the last one signed. */
  rotateKeys(): void {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = {
      ...privateKey.export({ format: 'jwk' }),
      kid: randomUUID(),
      use: 'sig',
      alg: 'RS256',
    };
    this.provider = new Provider(this.issuer, this.settings(key));
    this.provider.use(async (ctx, next) => {
      await next();
      const to = ctx.response.get('location');
      if (!this.holdsBack || !to.startsWith(this.redirect)) return;
      ctx.remove('location');
      ctx.status = 200;
      ctx.body = html(`<a href="${to.replaceAll('&', '&amp;')}">Back</a>`);
    });
  }

  /** Nobody listens until what the answer is called. */
  async goAway(): Promise<() => Promise<void>> {
    await this.close();
    return async () => {
      this.server = createServer(this.answer);
      await listen(this.server, Number(new URL(this.issuer).port));
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private settings(key: JWK): Configuration {
    const { secret, claimsInIdToken } = this.wishes;
    return {
      clients: [
        {
          client_id: CLIENT,
          ...(secret ? { client_secret: SECRET } : { token_endpoint_auth_method: 'none' as const }),
          redirect_uris: [this.redirect],
          post_logout_redirect_uris: [this.afterSignOut],
          backchannel_logout_uri: this.backchannel,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [key] },
      cookies: { keys: this.cookieKeys },
      pkce: { required: () => true },
      ttl: { AccessToken: 60, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
      claims: {
        profile: PROFILE,
        email: ['email'],
      },
      conformIdTokenClaims: !claimsInIdToken,
      findAccount: (_, sub) => {
        const claims = this.accounts.get(sub);
        return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
      },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      // Without what keeps it from asking addresses of this machine.
      fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
      features: {
        devInteractions: { enabled: false },
        userinfo: { enabled: true },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: {
          enabled: true,
          logoutSource: (ctx, form) => {
            ctx.body = html(`<h1>Sign out at the provider?</h1>${form}
              <button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
          },
          postLogoutSuccessSource: (ctx) => {
            ctx.body = html('<h1>Signed out at the provider</h1>');
          },
        },
      },
      renderError: (ctx, error) => {
        ctx.type = 'html';
        ctx.body = html(`<h1>${error.error}</h1><p>${error.error_description}</p>`);
      },
    };
  }

  private readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { provider } = this;
    if (provider === undefined) {
      response.writeHead(503).end();
    } else if (request.url?.startsWith('/interaction/')) {
      this.interact(provider, request, response).catch((error: unknown) =>
        response.writeHead(500).end(String(error)),
      );
    } else {
      void provider.callback()(request, response);
    }
  };

  /** The form, and what follows from it: a person with all that the host wished for, or nobody. */
  private async interact(provider: Provider, request: IncomingMessage, response: ServerResponse) {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(
        html(`<h1>Who are you?</h1><form method="post">
          <label>Name <input name="account" autofocus></label>
          <button>Go on</button><button name="cancel" value="yes">Cancel</button></form>`),
      );
      return;
    }
    let body = '';
    for await (const bytes of request) body += String(bytes);
    const answers = new URLSearchParams(body);
    const accountId = answers.get('account') ?? '';
    if (answers.has('cancel') || !this.accounts.has(accountId)) {
      const result = { error: 'access_denied', error_description: 'the person did not go on' };
      return provider.interactionFinished(request, response, result);
    }
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId, clientId: CLIENT });
    grant.addOIDCScope(String(params['scope']));
    const result = { login: { accountId }, consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result);
  }
}

const html = (body: string) =>
  `<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,">${body}`;

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done) => server.listen(port, 'localhost', done));
}

/** Says at the provider who one is. */
export async function sayWho(page: Page, account: string): Promise<void> {
  await page.getByLabel('Name').fill(account);
  await page.getByRole('button', { name: 'Go on' }).click();
}

/** Signs out at the provider, where the page has gone to or is. */
export async function signOutThere(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Sign out at the provider?' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
}
