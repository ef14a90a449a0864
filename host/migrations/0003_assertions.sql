-- Signed assertions that were accepted, until nobody accepts them any more: each counts once, also
-- after a restart. `digest` stands for the issuer and its `jti`.
CREATE TABLE assertions (
  digest     BLOB    PRIMARY KEY CHECK (length(digest) = 32),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX assertions_to_forget ON assertions (expires_at);
