// The host of the page's tests, and a session with it as Apex's stand-in needs one.
import { Host } from '../../web/tests/host.ts';

export { Host };
export type Role = 'user' | 'administrator';

/** A person's session: its cookie, as a browser would send it. */
export async function session(host: Host, name: string): Promise<string> {
  const response = await fetch(`${host.url}/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: host.url },
    body: JSON.stringify({ code: await host.code(name) }),
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (!response.ok || cookie === undefined) throw new Error(`sign-in: ${response.status}`);
  return cookie;
}
