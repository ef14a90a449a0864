// The JSON that the host sends and takes, as `/openapi.json` names it. What the core knows, too, has
// the core's own types.
import type {
  Actor, EndingEarlier, HistoryEvent, Mistake, PolicySettings, Preview, Status, Tree,
} from './core.ts';

export type { Actor, EndingEarlier, HistoryEvent, Mistake, PolicySettings, Preview, Status, Tree };

export interface Me {
  user_id: string;
  user_name: string;
  display_name: string;
  org_id: string;
  role: 'user' | 'administrator';
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

export interface Uses {
  token_id: string;
  days: { date: string; n_allowed: number; n_denied: number }[];
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
