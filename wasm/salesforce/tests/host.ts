// A real host on an empty folder, and its operator.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BINARY = resolve(process.env['PAGE_TEST_HOST'] ?? '../../target/release/exportgate');

export type Role = 'user' | 'administrator';

/** Starts a host; answers it and the address that it says. */
async function listening(folder: string, address: string): Promise<[ChildProcess, string]> {
  const child = spawn(BINARY, ['serve', '--data', folder, '--listen', address], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const url = await new Promise<string>((found, failed) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const url = /http:\/\/[\w.:]+\d/.exec(text);
      if (url !== null) found(url[0]);
    });
    child.once('exit', (code) => failed(new Error(`${BINARY} ended with ${code}`)));
    child.once('error', failed);
  });
  return [child, url];
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
    private readonly folder: string,
    private child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<Host> {
    const folder = await mkdtemp(join(tmpdir(), 'exportgate-lightning-'));
    const [child, url] = await listening(folder, '127.0.0.1:0');
    return new Host(folder, child, url);
  }

  async stop(): Promise<void> {
    await ended(this.child);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Stops the host; what the answer is called starts it again at the same address. */
  async goAway(): Promise<() => Promise<void>> {
    await ended(this.child);
    return async () => {
      [this.child] = await listening(this.folder, new URL(this.url).host);
    };
  }

  async operator<T>(...args: string[]): Promise<T> {
    const { stdout } = await run(BINARY, [...args, '--data', this.folder, '--json']);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as T;
  }

  async addUser(name: string, role: Role = 'user'): Promise<void> {
    await this.operator('user', 'add', name, '--display-name', name, '--role', role);
  }

  /** A session's cookie, as a browser would send it. */
  async session(name: string): Promise<string> {
    const { code } = await this.operator<{ code: string }>('sign-in-code', name);
    const response = await fetch(`${this.url}/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.url },
      body: JSON.stringify({ code }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    if (!response.ok || cookie === undefined) throw new Error(`sign-in: ${response.status}`);
    return cookie;
  }

  /** An export service that asks whether an export may run; answers decision and reason. */
  async exportService(): Promise<
    (secret: string) => Promise<{ decision: string; reason: string }>
  > {
    const name = `svc${Math.random().toString(36).slice(2)}`;
    const { key } = await this.operator<{ key: string }>('service', 'add', name);
    return async (secret) => {
      const response = await fetch(`${this.url}/v1/exports/validate`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          secret,
          data_source: '/odata/Accounts',
          client_address: '203.0.113.7',
        }),
      });
      return (await response.json()) as { decision: string; reason: string };
    };
  }
}
