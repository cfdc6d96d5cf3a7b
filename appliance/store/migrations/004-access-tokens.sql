-- Why: apps and phones get a key of their own, which an admin confirms, and may take away, one by one.

-- Access tokens. Of the token itself only the SHA-256 is kept.       Owner: access/tokens.py
CREATE TABLE access_tokens (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: a click on an old page hits nobody else
    token_hash         BLOB NOT NULL UNIQUE,
    state              TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'active', 'revoked', 'expired')),
    role               TEXT NOT NULL CHECK (role IN ('read', 'charge', 'admin')),
    name               TEXT NOT NULL CHECK (name <> ''),   -- 'Phone', 'Tablet in the hall'
    app                TEXT NOT NULL DEFAULT '',           -- which program asked: 'Wattward phone page'
    matching_number    TEXT NOT NULL,                      -- shown by the app and by who confirms
    installation       TEXT,                               -- of the app; NULL until its first use
    identification_id  INTEGER REFERENCES identifications (id),  -- type 'app': whose charging it starts
    created_at         TEXT NOT NULL,
    created_by         TEXT NOT NULL,                      -- 'phone:192.168.1.20', 'touch:household'
    pending_until      TEXT NOT NULL,                      -- dies then if nobody confirmed it
    confirmed_at       TEXT,
    confirmed_by       TEXT,
    expires_at         TEXT,                               -- NULL: never
    ended_at           TEXT,                               -- revoked or expired
    ended_by           TEXT,
    last_used_at       TEXT,
    last_used_from     TEXT NOT NULL DEFAULT '',           -- address
    CHECK (state <> 'active' OR confirmed_at IS NOT NULL),
    CHECK ((state IN ('revoked', 'expired')) = (ended_at IS NOT NULL))
) STRICT;
CREATE INDEX access_tokens_waiting ON access_tokens (state, pending_until) WHERE state = 'pending';
CREATE INDEX access_tokens_by_creation ON access_tokens (created_at);
