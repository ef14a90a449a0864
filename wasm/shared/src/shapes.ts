// The JSON that the host sends and takes, as `/openapi.json` names it. What the core knows, too, has
// the core's own types.
import type {
  Actor,
  EndingEarlier,
  HistoryEvent,
  Mistake,
  PolicySettings,
  Preview,
  Status,
  Tree,
} from './core.ts';

export type { Actor, EndingEarlier, HistoryEvent, Mistake, PolicySettings, Preview, Status, Tree };

export interface Me {
  user_id: string;
  user_name: string;
  display_name: string;
  org_id: string;
  role: 'user' | 'administrator';
}

/** Whom people can sign in with, other than with a code. */
export interface Provider {
  name: string | null;
  display_name: string;
  /** Where the sign-in begins. */
  url: string;
}

/** The exports of one UTC day. */
export interface DayCount {
  /** `2027-03-31` */
  date: string;
  n_allowed: number;
  n_denied: number;
}

export interface Token {
  token_id: string;
  label: string;
  hint: string;
  status: Status;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  /** The last 28 days, those with exports; only in a list that was asked for it. */
  uses?: DayCount[];
}

export interface TokenPage {
  items: Token[];
  next_cursor: string | null;
  n_active: number;
}

export interface Draft {
  label: string;
  expires_on?: string;
  expires_at?: string;
}

export interface Created {
  token: Token;
  secret: string;
}

export interface Policy extends PolicySettings {
  version: number;
  updated_at: string | null;
  updated_by: Actor | null;
}

export interface EventPage {
  items: HistoryEvent[];
  next_cursor: string | null;
}

/** Exports per day, every day of the period, oldest first. */
export interface Activity {
  days: DayCount[];
}

export interface Checkpoint extends Tree {
  origin: string;
  checkpoint: string;
  verifier_key: string;
}

export interface InclusionProof {
  sequence: number;
  size: number;
  leaf: string;
  proof: string[];
}

export interface ConsistencyProof {
  from: number;
  to: number;
  proof: string[];
}
