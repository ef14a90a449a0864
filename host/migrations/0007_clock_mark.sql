-- The latest instant of a commit, as the host told the time: after a restart it does not go back
-- behind it. 0: no commit has told one yet.
ALTER TABLE store ADD COLUMN clock_mark INTEGER NOT NULL DEFAULT 0;
