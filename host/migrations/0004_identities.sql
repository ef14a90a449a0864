-- Who of another system is who here. A person whom Salesforce asserts, whom an OpenID provider
-- signs in and whom a directory added can be one account, or several.
CREATE TABLE identities (
  org_seq  INTEGER NOT NULL REFERENCES organizations,
  protocol TEXT    NOT NULL CHECK (protocol IN ('assertion', 'openid')),
  issuer   TEXT    NOT NULL,
  subject  TEXT    NOT NULL,
  user_seq INTEGER NOT NULL REFERENCES users,
  PRIMARY KEY (org_seq, protocol, issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (user_seq);

-- Which session at which OpenID provider a session came from, so that the provider can end it.
ALTER TABLE sessions ADD COLUMN issuer TEXT;
ALTER TABLE sessions ADD COLUMN subject TEXT;
ALTER TABLE sessions ADD COLUMN provider_session_id TEXT;
CREATE INDEX sessions_by_provider ON sessions (issuer, subject) WHERE issuer IS NOT NULL;
