// Serves the built page as Salesforce would: with a policy of choice, static resources under
// `/resource`, and Apex under `/apex`, which asks the real host.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, extname, normalize, resolve } from 'node:path';
import { call, Refusal } from './gateway.ts';
import { type Host, startFor } from './host.ts';
import { Organization, type Role } from './identity.ts';

const require = createRequire(import.meta.url);
const SLDS = resolve(
  dirname(require.resolve('@salesforce-ux/design-system/package.json')),
  'assets',
);
/** What an address begins with, and the folder that it means. */
const FOLDERS: [string, string][] = [
  ['/built/', resolve('../../target/lightning')],
  ['/resource/1/', resolve('force-app/main/default/staticresources')],
  ['/platform/', resolve('tests/platform')],
  ['/_slds/', SLDS],
];
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.html': 'text/html',
};

// LWC's styles are style elements, so that Lightning allows inline ones.
const COMMON =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; object-src 'none'; base-uri 'self'; ";
const POLICIES = {
  open: `${COMMON}script-src 'self' 'wasm-unsafe-eval'`,
  /** Neither WebAssembly nor eval. */
  strict: `${COMMON}script-src 'self'`,
  /** What the sandbox of Lightning Web Security asks for. */
  secured: `${COMMON}script-src 'self' 'unsafe-eval' blob:`,
};

export interface PageOptions {
  /** Who is asking. */
  user?: string;
  /** Lightning Web Security, in one of its modes; none without it. */
  lws?: 'default' | 'maximum';
  policy?: keyof typeof POLICIES;
  language?: 'en' | 'de';
  timeZone?: string;
  /** Custom permissions that the user has. */
  permission?: string;
  component?: string;
  properties?: object;
  formFactor?: 'Large' | 'Medium' | 'Small';
}

/** Where the page with these options is. */
export function address(options: PageOptions): string {
  const { properties, ...rest } = options;
  const query = new URLSearchParams(rest as Record<string, string>);
  if (properties !== undefined) query.set('properties', JSON.stringify(properties));
  return `/?${query}`;
}

function page(query: URLSearchParams): string {
  const secured = query.has('lws');
  const scripts = [
    '/platform/settings.js',
    '/built/platform.js',
    ...(secured ? ['/built/security.js'] : []),
    secured ? '/built/components.secured.js' : '/built/components.js',
  ];
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Exportgate in Lightning</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/_slds/styles/salesforce-lightning-design-system.min.css">
    <link rel="stylesheet" href="/platform/page.css">
  </head>
  <body class="slds-scope">
    <main></main>
    ${scripts.map((script) => `<script src="${script}"></script>`).join('\n    ')}
  </body>
</html>`;
}

export class LightningServer {
  private readonly server: Server;

  private constructor(
    readonly host: Host,
    private readonly organization: Organization,
  ) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
      });
    });
  }

  static async start(): Promise<LightningServer> {
    const organization = new Organization();
    const server = new LightningServer(await startFor(organization), organization);
    await new Promise<void>((done) => server.server.listen(0, '127.0.0.1', done));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    await this.host.stop();
  }

  /** Adds a person to the organization; the host sees them when they first ask. */
  addUser(name: string, role: Role = 'user'): void {
    this.organization.add(name, role);
  }

  private assertion(name: string): string | undefined {
    return this.organization.assertion(name, this.host.url);
  }

  /** What Apex would answer to this person, for a test that prepares something. */
  async apex<T>(user: string, method: string, args: object = {}): Promise<T> {
    return JSON.parse(await this.apexText(user, method, args)) as T;
  }

  async apexText(user: string, method: string, args: object = {}): Promise<string> {
    return (await call(this.host, this.assertion(user), method, { ...args })).body;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (request.method === 'POST' && url.pathname.startsWith('/apex/')) {
      const answer = await this.gateway(url.pathname.slice('/apex/'.length), request);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      return;
    }
    if (url.pathname === '/') {
      const secured = url.searchParams.has('lws') ? 'secured' : 'open';
      const policy = (url.searchParams.get('policy') ?? secured) as keyof typeof POLICIES;
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICIES[policy],
      });
      response.end(page(url.searchParams));
      return;
    }
    for (const [start, folder] of FOLDERS) {
      const file = resolve(folder, `.${normalize(`/${url.pathname.slice(start.length)}`)}`);
      if (!url.pathname.startsWith(start) || !file.startsWith(folder)) continue;
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes === undefined) break;
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      });
      response.end(bytes);
      return;
    }
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`there is no ${url.pathname}`);
  }

  private async gateway(method: string, request: IncomingMessage): Promise<object> {
    let text = '';
    for await (const bytes of request) text += bytes;
    const assertion = this.assertion(decodeURIComponent(String(request.headers['x-user'])));
    try {
      return { answer: await call(this.host, assertion, method, JSON.parse(text)) };
    } catch (error) {
      if (error instanceof Refusal) return { exception: error.message };
      throw error;
    }
  }
}
