// The one door to the core: every rule a face knows is asked here, and answered by the same code
// that the host runs.
import type * as Core from 'exportgate-core';
import type {
  HistoryEvent,
  MistakeRecord as Mistake,
  PolicyRecord as PolicySettings,
  TreeRecord as Tree,
} from 'exportgate-core';
import { hostNow } from './clock.ts';
import { settings } from './policy.ts';
import type { Draft, Token } from './shapes.ts';

export type {
  ActorRecord as Actor,
  EndingEarlier,
  HistoryEvent,
  MistakeRecord as Mistake,
  PolicyPreview as Preview,
  PolicyRecord as PolicySettings,
  StatusRecord as Status,
  TreeRecord as Tree,
} from 'exportgate-core';

/** An expiry that the policy allows now. */
export type Choice = Core.ExpiryChoiceRecord;

/** The functions that are asked for; either build of the core has them. */
export type Door = Pick<
  typeof Core,
  | 'expiry_choices'
  | 'inspect_secret'
  | 'judge_draft'
  | 'open_checkpoint'
  | 'token_status'
  | 'verify_consistency'
  | 'verify_inclusion'
>;

let door: Door;

/** Takes the loaded core; screens wait for it. */
export function useCore(loaded: Door): void {
  door = loaded;
}

/** What the host would answer to this draft now. */
export function judgeDraft(draft: Draft, policy: PolicySettings, nActive: number) {
  return door.judge_draft({ draft, policy: settings(policy), n_active: nActive, now: hostNow() });
}

/** What is wrong with a label, or nothing. */
export function judgeLabel(label: string): Mistake | undefined {
  const anything = {
    maximum_expiry_days: null,
    automatic_expiration: false,
    maximum_active_tokens: null,
  };
  const judged = judgeDraft({ label }, anything, 0);
  return 'refused' in judged ? judged.refused.errors[0] : undefined;
}

/** The expiries that may be chosen now. */
export function expiryChoices(policy: PolicySettings): Choice[] {
  return door.expiry_choices({ policy: settings(policy), now: hostNow() }).choices;
}

/** What the tokens are now, and when one of them changes by itself. */
export function statuses(tokens: readonly Token[]) {
  const instants = tokens.map(({ created_at, expires_at, revoked_at }) => ({
    created_at,
    expires_at,
    revoked_at,
  }));
  return door.token_status({ tokens: instants, now: hostNow() });
}

/** What can be told of a text that may be a secret; it stays in the browser. */
export function inspectSecret(text: string) {
  return door.inspect_secret(text);
}

/** Checks a checkpoint's signature. */
export function openCheckpoint(checkpoint: string, verifierKey: string) {
  return door.open_checkpoint({ checkpoint, verifier_key: verifierKey });
}

/** Whether the event, as it is shown, is in the tree. */
export function verifyInclusion(event: HistoryEvent, tree: Tree, proof: string[]): boolean {
  return door.verify_inclusion({ event, tree: bare(tree), proof }).proven;
}

/** Whether the one tree is the beginning of the other. */
export function verifyConsistency(from: Tree, to: Tree, proof: string[]): boolean {
  return door.verify_consistency({ from: bare(from), to: bare(to), proof }).proven;
}

/** The core refuses what it does not know. */
function bare({ size, root }: Tree): Tree {
  return { size, root };
}
