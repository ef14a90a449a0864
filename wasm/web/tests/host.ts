// A real host on an empty folder, its operator, and export services that ask it.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BINARY = resolve(process.env['PAGE_TEST_HOST'] ?? '../../target/release/exportgate');
/** What it logs, in its folder. */
const LOG = 'host.log';
/** A token's secret or a key, as people and programs present it. */
const SECRET = /eg[tsp]_[0-9A-Za-z]{38}/;
/** Where a test lays the configuration, if it needs one. */
const CONFIGURATION = 'test.toml';
/** While developing: the page of `vite build` through `vite preview`, and not the embedded one. */
const PREVIEW = process.env['PAGE_TEST_PREVIEW'] !== undefined;

/** Starts a program and answers the first address that it says. */
async function listening(
  command: string,
  args: string[],
  env = {},
  errors: 'ignore' | number = 'ignore',
): Promise<[ChildProcess, string]> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', errors],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  const url = await new Promise<string>((found, failed) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const url = /http:\/\/[\w.:]+\d/.exec(text);
      if (url !== null) found(url[0]);
    });
    child.once('exit', (code) => failed(new Error(`${command} ended with ${code}`)));
    child.once('error', failed);
  });
  return [child, url];
}

async function serve(folder: string, address: string, env = {}): Promise<[ChildProcess, string]> {
  const file = join(folder, CONFIGURATION);
  const configured = existsSync(file) ? ['--config', file] : [];
  const log = await open(join(folder, LOG), 'a');
  try {
    const args = ['serve', '--data', folder, '--listen', address, ...configured];
    return await listening(BINARY, args, { EXPORTGATE_LOG_LEVEL: 'trace', ...env }, log.fd);
  } finally {
    await log.close();
  }
}

/** Fails where a secret is in a file that the host, or a test, left in the folder. */
export async function checkNothingLeftBehind(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
    if (SECRET.test(text)) throw new Error(`there is a secret in ${entry.name}`);
  }
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', () => done());
    child.kill('SIGTERM');
  });
}

export class Host {
  private constructor(
    /** Its data, and what a test puts beside it. */
    readonly folder: string,
    private child: ChildProcess,
    private readonly preview: ChildProcess | undefined,
    /** Where the page is. */
    readonly url: string,
    /** Where the host itself is. */
    readonly direct: string,
    private readonly env = {},
  ) {}

  /** Starts a host; `configure` may lay files into the folder, and answers the configuration. */
  static async start(configure?: (folder: string) => Promise<string>): Promise<Host> {
    const folder = await mkdtemp(join(tmpdir(), 'exportgate-page-'));
    if (configure) await writeFile(join(folder, CONFIGURATION), await configure(folder));
    if (!PREVIEW) {
      const [child, direct] = await serve(folder, '127.0.0.1:0');
      return new Host(folder, child, undefined, direct, direct);
    }
    // The host has to know where people are when a provider sends them back.
    const port = String(await freePort());
    const env = { EXPORTGATE_HTTP_PUBLIC_URL: `http://127.0.0.1:${port}` };
    const [child, direct] = await serve(folder, '127.0.0.1:0', env);
    const args = ['preview', '--host', '127.0.0.1', '--port', port, '--strictPort'];
    const [preview, url] = await listening(
      process.execPath,
      ['node_modules/vite/bin/vite.js', ...args],
      { PAGE_HOST: direct },
    );
    return new Host(folder, child, preview, url, direct, env);
  }

  async stop(): Promise<void> {
    await ended(this.child);
    if (this.preview) await ended(this.preview);
    await checkNothingLeftBehind(this.folder);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Stops the host, and starts it again at the same address with what the answer is called. */
  async goAway(): Promise<() => Promise<void>> {
    await ended(this.child);
    return async () => {
      const address = new URL(this.direct).host;
      [this.child] = await serve(this.folder, address, this.env);
    };
  }

  async operator<T>(...args: string[]): Promise<T> {
    const { stdout } = await run(BINARY, [...args, '--data', this.folder, '--json']);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as T;
  }

  async addUser(
    name: string,
    role: 'user' | 'administrator' = 'user',
    displayName = name,
  ): Promise<void> {
    await this.operator('user', 'add', name, '--display-name', displayName, '--role', role);
  }

  async code(name: string): Promise<string> {
    return (await this.operator<{ code: string }>('sign-in-code', name)).code;
  }

  /** An export service that asks whether an export may run; answers decision and reason. */
  async exportService(
    name = `svc${Math.random().toString(36).slice(2)}`,
    dataSource = '/odata/Accounts',
  ): Promise<(secret: string) => Promise<{ decision: string; reason: string }>> {
    const { key } = await this.operator<{ key: string }>('service', 'add', name);
    return async (secret) => {
      const response = await fetch(`${this.direct}/v1/exports/validate`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          secret,
          data_source: dataSource,
          client_address: '203.0.113.7',
        }),
      });
      return (await response.json()) as { decision: string; reason: string };
    };
  }
}
