-- Why: who may charge, completely: readers, time windows, allowances, guests, vehicles, tariffs and a journal that proves itself.

-- Billing (appliance/billing) -------------------------------------------------------------------

CREATE TABLE tariffs (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    kind         TEXT NOT NULL CHECK (kind IN ('fixed', 'by_time', 'employer')),
    basis        TEXT NOT NULL DEFAULT '',   -- where the price comes from, as the report says it: 'contract 2026', 'flat rate' ...
    created_at   TEXT NOT NULL,
    archived_at  TEXT
) STRICT;

-- What a kWh costs from a local date on. Of kind 'employer' a price holds for one calendar year only.
CREATE TABLE prices (
    id          INTEGER PRIMARY KEY,
    tariff_id   INTEGER NOT NULL REFERENCES tariffs (id),
    valid_from  TEXT NOT NULL,               -- local date
    per_kwh     TEXT NOT NULL,               -- decimal number in the currency of the setting billing.currency
    bands       TEXT NOT NULL DEFAULT '[]',  -- JSON: other prices by weekday and time of day, see billing/prices.py
    created_at  TEXT NOT NULL,
    UNIQUE (tariff_id, valid_from)
) STRICT;

-- Who does not pay the house's usual tariff.
CREATE TABLE user_tariffs (
    user_id    INTEGER PRIMARY KEY REFERENCES users (id),
    tariff_id  INTEGER NOT NULL REFERENCES tariffs (id)
) STRICT;

-- What was charged, for ever: each entry carries the hash of the one before and the appliance's signature.
CREATE TABLE journal (
    number      INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('begin', 'session', 'correction')),
    session_id  INTEGER,
    body        TEXT NOT NULL,               -- canonical JSON without names: people are numbers, so that a name can be taken out
    previous    BLOB NOT NULL,               -- hash of the entry before
    hash        BLOB NOT NULL UNIQUE,        -- SHA-256, see billing/chain.py
    signature   BLOB NOT NULL                -- Ed25519 over the hash
) STRICT;
CREATE INDEX journal_by_session ON journal (session_id);
CREATE INDEX journal_by_time ON journal (at);
CREATE TRIGGER journal_is_append_only_1 BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_append_only_2 BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Monthly reports: the last attempt for each month and target.
CREATE TABLE deliveries (
    month         TEXT NOT NULL,             -- '2026-11'
    target        TEXT NOT NULL CHECK (target IN ('folder', 'mail')),
    attempts      INTEGER NOT NULL,
    last_at       TEXT NOT NULL,
    delivered_at  TEXT,
    outcome       TEXT NOT NULL,             -- 'ok' or the sentence of the error
    PRIMARY KEY (month, target)
) STRICT;

-- The account that sends e-mail (one row). The password is sealed with the device key.
CREATE TABLE mail_account (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    host             TEXT NOT NULL,
    port             INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    security         TEXT NOT NULL CHECK (security IN ('tls', 'starttls')),
    user             TEXT NOT NULL,
    password_sealed  BLOB,
    sender           TEXT NOT NULL
) STRICT;

