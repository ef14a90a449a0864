-- Organizations, people, export services, tokens and the history of all of them.
-- Instants are whole seconds since 1970-01-01T00:00:00Z. Rules live in `core`, not here.

CREATE TABLE organizations (
  org_seq               INTEGER PRIMARY KEY,
  org_id                TEXT    NOT NULL UNIQUE,
  n_events              INTEGER NOT NULL DEFAULT 0,
  -- The growing edge of the Merkle tree over the events: at most 64 hashes of 32 bytes.
  frontier              BLOB    NOT NULL DEFAULT x'',
  -- The last checkpoint that the host signed for itself (C2SP signed note).
  checkpoint            TEXT,
  maximum_expiry_days   INTEGER,
  automatic_expiration  INTEGER NOT NULL,
  maximum_active_tokens INTEGER,
  policy_version        INTEGER NOT NULL,
  policy_updated_at     INTEGER,
  policy_updated_by     TEXT
) STRICT;

CREATE TABLE users (
  user_seq         INTEGER PRIMARY KEY,
  org_seq          INTEGER NOT NULL REFERENCES organizations,
  user_id          TEXT    NOT NULL,
  user_name        TEXT    NOT NULL,
  user_name_folded TEXT    NOT NULL,
  display_name     TEXT    NOT NULL,
  email            TEXT,
  role             TEXT    NOT NULL CHECK (role IN ('user', 'administrator')),
  active           INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at       INTEGER NOT NULL,
  UNIQUE (org_seq, user_id),
  UNIQUE (org_seq, user_name_folded)
) STRICT;

-- The digest is that of the secret; the secret itself is nowhere.
CREATE TABLE tokens (
  token_seq    INTEGER PRIMARY KEY,
  token_id     TEXT    NOT NULL UNIQUE,
  user_seq     INTEGER NOT NULL REFERENCES users,
  label        TEXT    NOT NULL,
  hint         TEXT    NOT NULL,
  digest       BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER,
  -- Whether the history has told that it expired: told once, whatever the clock does.
  expiry_told  INTEGER NOT NULL DEFAULT 0 CHECK (expiry_told IN (0, 1))
) STRICT;
CREATE INDEX tokens_by_owner ON tokens (user_seq, token_seq);
CREATE INDEX tokens_to_expire ON tokens (expires_at)
  WHERE expires_at IS NOT NULL AND revoked_at IS NULL AND expiry_told = 0;

-- Uses per token and UTC day (days since 1970-01-01), of closed minutes.
CREATE TABLE token_uses (
  token_seq INTEGER NOT NULL REFERENCES tokens,
  day       INTEGER NOT NULL,
  n_allowed INTEGER NOT NULL,
  n_denied  INTEGER NOT NULL,
  PRIMARY KEY (token_seq, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE services (
  service_seq INTEGER PRIMARY KEY,
  service_id  TEXT    NOT NULL UNIQUE,
  org_seq     INTEGER NOT NULL REFERENCES organizations,
  name        TEXT    NOT NULL,
  name_folded TEXT    NOT NULL,
  digest      BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  created_at  INTEGER NOT NULL,
  revoked_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX live_services_by_name ON services (org_seq, name_folded) WHERE revoked_at IS NULL;

CREATE TABLE sign_in_codes (
  digest     BLOB    PRIMARY KEY CHECK (length(digest) = 32),
  user_seq   INTEGER NOT NULL REFERENCES users,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  digest       BLOB    PRIMARY KEY CHECK (length(digest) = 32),
  user_seq     INTEGER NOT NULL REFERENCES users,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `canonical` is the event itself (RFC 8785 JSON), `digest` its leaf in the Merkle tree (RFC 9162);
-- the other columns repeat parts of it for look-ups. Rows are only ever added; of gathered uses
-- that are older than `keep_days` the digest alone is left.
CREATE TABLE events (
  event_seq INTEGER PRIMARY KEY,
  org_seq   INTEGER NOT NULL REFERENCES organizations,
  sequence  INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  kind      TEXT    NOT NULL,
  token_id  TEXT,
  user_id   TEXT,
  digest    BLOB    NOT NULL CHECK (length(digest) = 32),
  canonical BLOB,
  UNIQUE (org_seq, sequence)
) STRICT;
CREATE INDEX events_by_user ON events (org_seq, user_id, sequence) WHERE user_id IS NOT NULL;
CREATE INDEX events_by_token ON events (org_seq, token_id, sequence) WHERE token_id IS NOT NULL;
CREATE INDEX uses_by_instant ON events (org_seq, at)
  WHERE kind IN ('export.allowed', 'export.denied') AND canonical IS NOT NULL;

-- Hashes of the tree in tiles of 256 (C2SP tlog-tiles): tile level L holds nodes of tree level 8L.
-- The leaves of a tile that is not full yet are in `events` alone.
CREATE TABLE tree_tiles (
  org_seq INTEGER NOT NULL REFERENCES organizations,
  level   INTEGER NOT NULL,
  tile    INTEGER NOT NULL,
  hashes  BLOB    NOT NULL CHECK (length(hashes) % 32 = 0),
  PRIMARY KEY (org_seq, level, tile)
) STRICT;

-- One row: what belongs to the store as a whole.
CREATE TABLE store (
  only_row        INTEGER PRIMARY KEY CHECK (only_row = 1),
  change_sequence INTEGER NOT NULL,
  cursor_key      BLOB    NOT NULL CHECK (length(cursor_key) = 32)
) STRICT;
INSERT INTO store (only_row, change_sequence, cursor_key) VALUES (1, 0, randomblob(32));
