// Verifies the history in the browser: the host brings checkpoint and proofs, the core believes
// only what they prove.
import { hostNow } from '../clock.ts';
import * as core from '../core.ts';
import type { Checkpoint, ConsistencyProof, HistoryEvent, InclusionProof } from '../shapes.ts';
import { lastSeen, remember, type Seen } from './seen.ts';

/** How many of the shown events are proven, each with a request of its own. */
export const AT_MOST = 50;
const AT_ONCE = 4;

/** Whoever brings checkpoint and proofs. It is not believed. */
export interface Prover {
  checkpoint(): Promise<Checkpoint>;
  proveInclusion(sequence: number, size: number): Promise<InclusionProof>;
  proveConsistency(from: number, to: number): Promise<ConsistencyProof>;
}

/** Against the last visit: what was proven, or why not. */
export type Since =
  | { kind: 'first' }
  | { kind: 'blocked' }
  | { kind: 'same'; seen: Seen }
  | { kind: 'grown'; seen: Seen }
  | { kind: 'broken'; seen: Seen }
  | { kind: 'other_key'; seen: Seen };

export interface Finding {
  /** `good`, or why the core does not believe the checkpoint. */
  signature: string;
  origin: string;
  size: number;
  /** Shown events that are in the tree exactly as shown, and those that are not. */
  proven: number[];
  unproven: number[];
  /** Shown events that are younger than the checkpoint. */
  younger: number[];
  since: Since;
  remembered: boolean;
}

/** Whether everything that could be proven was proven. */
export function isGood(finding: Finding): boolean {
  const { signature, unproven, since } = finding;
  return (
    signature === 'good' &&
    unproven.length === 0 &&
    since.kind !== 'broken' &&
    since.kind !== 'other_key'
  );
}

/** Fetches checkpoint and proofs and asks the core about `events`. */
export async function verify(
  prover: Prover,
  org: string,
  events: readonly HistoryEvent[],
): Promise<Finding> {
  const signed = await prover.checkpoint();
  const finding: Finding = {
    signature: 'good',
    origin: signed.origin,
    size: 0,
    proven: [],
    unproven: [],
    younger: [],
    since: { kind: 'first' },
    remembered: false,
  };
  const opened = core.openCheckpoint(signed.checkpoint, signed.verifier_key);
  if ('refused' in opened) return { ...finding, signature: opened.refused.reason };
  // From here on only what is signed counts.
  const tree = { size: opened.opened.size, root: opened.opened.root };
  Object.assign(finding, { origin: opened.opened.origin, size: tree.size });

  const covered = events.filter((event) => event.sequence < tree.size).slice(0, AT_MOST);
  finding.younger = events
    .filter((event) => event.sequence >= tree.size)
    .map((event) => event.sequence);
  const queue = [...covered];
  const worker = async () => {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      const { proof } = await prover.proveInclusion(event.sequence, tree.size);
      const good = core.verifyInclusion(event, tree, proof);
      (good ? finding.proven : finding.unproven).push(event.sequence);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));

  const seen = lastSeen(org);
  finding.since = await sinceThen(prover, seen, { ...tree, verifier_key: signed.verifier_key });
  if (isGood(finding)) {
    finding.remembered = remember(org, {
      ...tree,
      origin: finding.origin,
      verifier_key: signed.verifier_key,
      checkpoint: signed.checkpoint,
      at: hostNow(),
    });
  }
  return finding;
}

async function sinceThen(
  prover: Prover,
  seen: Seen | undefined | 'blocked',
  now: { size: number; root: string; verifier_key: string },
): Promise<Since> {
  if (seen === 'blocked') return { kind: 'blocked' };
  if (seen === undefined) return { kind: 'first' };
  // What was kept here is itself believed by its signature alone.
  const old = core.openCheckpoint(seen.checkpoint, seen.verifier_key);
  if (!('opened' in old)) return { kind: 'first' };
  if (seen.verifier_key !== now.verifier_key) return { kind: 'other_key', seen };
  const tree = { size: old.opened.size, root: old.opened.root };
  if (tree.size > now.size) return { kind: 'broken', seen };
  const { proof } =
    tree.size === now.size ? { proof: [] } : await prover.proveConsistency(tree.size, now.size);
  if (!core.verifyConsistency(tree, now, proof)) return { kind: 'broken', seen };
  return { kind: tree.size === now.size ? 'same' : 'grown', seen };
}
