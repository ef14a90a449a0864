-- What the witness beside the database said when the operator accepted that the database is older
-- than that: the start after it needs no second word.
ALTER TABLE store ADD COLUMN accepted_standing BLOB;
