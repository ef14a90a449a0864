// Who is asking, as the Apex class `IdentityAssertion` says it: the same claims, the same algorithm,
// signed with the key of a certificate.
import { execFile } from 'node:child_process';
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Role = 'user' | 'administrator';

const LIFETIME_SECS = 60;

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An organization of Salesforce: its certificate and its people. */
export class Organization {
  readonly issuer = 'https://exportgate-dev-ed.my.salesforce.com';
  readonly id = '00D5g000000AbCdEAK';
  readonly keyId = 'salesforce-1';
  readonly certificateFile = 'salesforce.crt';
  private key = '';
  private readonly people = new Map<string, { id: string; role: Role }>();

  /** A self-signed certificate, as Setup makes one. */
  async writeCertificate(folder: string): Promise<void> {
    const key = join(folder, 'salesforce.key');
    const subject = ['-subj', '/CN=Exportgate', '-days', '365'];
    const files = ['-keyout', key, '-out', join(folder, this.certificateFile)];
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files]);
    this.key = await readFile(key, 'utf8');
  }

  add(name: string, role: Role): void {
    const id = `0055g${String(this.people.size + 1).padStart(10, '0')}AAA`;
    this.people.set(name, { id, role });
  }

  /** An assertion for one request; nobody has one who is not of the organization. */
  assertion(name: string, audience: string): string | undefined {
    const person = this.people.get(name);
    if (person === undefined) return undefined;
    const now = Math.floor(Date.now() / 1000);
    const header = { alg: 'RS256', kid: this.keyId, typ: 'JWT' };
    const claims = {
      iss: this.issuer,
      aud: audience,
      sub: person.id,
      org: this.id,
      name,
      preferred_username: name,
      role: person.role,
      iat: now,
      exp: now + LIFETIME_SECS,
      jti: randomUUID(),
    };
    const signed = `${encode(header)}.${encode(claims)}`;
    const signature = sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(this.key));
    return `${signed}.${signature.toString('base64url')}`;
  }
}
