-- How many active tokens a user has is asked at each creation, and revoked ones stay for ever.
CREATE INDEX live_tokens_by_owner ON tokens (user_seq, expires_at) WHERE revoked_at IS NULL;
