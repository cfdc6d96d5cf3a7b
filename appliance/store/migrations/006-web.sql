-- Why: a web account may ask for a second factor: a code that changes every 30 seconds (RFC 6238), or one of ten recovery codes.

CREATE TABLE web_totp (
    account_id  INTEGER PRIMARY KEY REFERENCES web_accounts (id) ON DELETE CASCADE,
    secret      BLOB NOT NULL,               -- sealed with the device key
    last_step   INTEGER NOT NULL DEFAULT 0,  -- the newest time step a code was taken of; none is taken twice
    set_up_at   TEXT NOT NULL
) STRICT;

CREATE TABLE web_recovery_codes (
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL REFERENCES web_totp (account_id) ON DELETE CASCADE,
    code_hash   BLOB NOT NULL UNIQUE         -- keyed hash; a used code's row is gone
) STRICT;
