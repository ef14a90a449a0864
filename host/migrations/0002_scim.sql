-- SCIM: the key of a directory, and what a directory says of people beyond `users`.

ALTER TABLE services ADD COLUMN kind TEXT NOT NULL DEFAULT 'export' CHECK (kind IN ('export', 'scim'));
DROP INDEX live_services_by_name;
CREATE UNIQUE INDEX live_services_by_name ON services (org_seq, kind, name_folded)
  WHERE revoked_at IS NULL;

-- `attributes` is a JSON document: names and mail addresses as the directory gave them. A person
-- whom the directory removed keeps the row in `users`, deactivated for ever, under a folded name
-- that nobody can have, so that the name is free for somebody else.
CREATE TABLE scim_users (
  user_seq    INTEGER PRIMARY KEY REFERENCES users,
  external_id TEXT,
  attributes  TEXT    NOT NULL,
  modified_at INTEGER NOT NULL,
  deleted_at  INTEGER
) STRICT;
CREATE INDEX scim_users_by_external_id ON scim_users (external_id) WHERE external_id IS NOT NULL;
