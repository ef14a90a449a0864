// Keeps the last checkpoint that was verified in this browser; a blocked storage is survived.
import type { Tree } from '../shapes.ts';

export interface Seen extends Tree {
  origin: string;
  verifier_key: string;
  checkpoint: string;
  /** When it was verified here. */
  at: string;
}

const name = (org: string) => `exportgate.checkpoint.${org}`;

/** The one of the last visit; `blocked` where the browser keeps nothing for us. */
export function lastSeen(org: string): Seen | undefined | 'blocked' {
  try {
    const text = localStorage.getItem(name(org));
    if (text === null) return undefined;
    const seen = JSON.parse(text) as Partial<Seen> | null;
    const good =
      typeof seen?.size === 'number' &&
      typeof seen.root === 'string' &&
      typeof seen.origin === 'string' &&
      typeof seen.verifier_key === 'string' &&
      typeof seen.at === 'string';
    return good ? (seen as Seen) : undefined;
  } catch {
    return 'blocked';
  }
}

/** Remembers it; false where the browser does not let us. */
export function remember(org: string, seen: Seen): boolean {
  try {
    localStorage.setItem(name(org), JSON.stringify(seen));
    return true;
  } catch {
    return false;
  }
}
