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

-- Charging (appliance/charging) -------------------------------------------------------------------

-- Lists that grow: only their CHECKs change, no row does (sqlite.org/lang_altertable.html, section 7).
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET sql = replace(sql, '(''locked'', ''free'', ''authorized'')', '(''locked'', ''free'', ''authorized'', ''time'')')
    WHERE type = 'table' AND name = 'points';
UPDATE sqlite_schema SET sql = replace(sql, '''locked_out'', ''mode'')',
    '''locked_out'', ''mode'', ''stop_only'', ''hours'', ''allowance'', ''used_up'', ''second_factor'', ''busy'', ''stopped'', ''learned'', ''taken'')')
    WHERE type = 'table' AND name = 'attempts';
UPDATE sqlite_schema SET sql = replace(sql, '''limit'', ''unplug'')', '''limit'', ''unplug'', ''expired'', ''hours'', ''allowance'')')
    WHERE type = 'table' AND name = 'sessions';
PRAGMA writable_schema=RESET;

ALTER TABLE points ADD COLUMN plan TEXT NOT NULL DEFAULT '[]';            -- JSON: what mode 'time' allows when, see charging/windows.py
ALTER TABLE points ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1));
ALTER TABLE users ADD COLUMN guest INTEGER NOT NULL DEFAULT 0 CHECK (guest IN (0, 1));  -- 1: codes for visitors hang on this user
ALTER TABLE users ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0 CHECK (second_factor IN (0, 1));
ALTER TABLE users ADD COLUMN hours TEXT NOT NULL DEFAULT '[]';            -- JSON: when this user may charge; []: always
ALTER TABLE users ADD COLUMN anonymised_at TEXT;
CREATE INDEX users_by_name ON users (last_name COLLATE NOCASE, first_name COLLATE NOCASE, id);

ALTER TABLE points ADD COLUMN feedback TEXT NOT NULL DEFAULT '';          -- 'gpio:22', an auxiliary contact of the contactor; '': none

-- A user's cars. A card may belong to one; its sessions then name it.
CREATE TABLE vehicles (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL CHECK (name <> ''),
    plate        TEXT NOT NULL DEFAULT '',
    created_at   TEXT NOT NULL,
    archived_at  TEXT
) STRICT;
CREATE INDEX vehicles_by_user ON vehicles (user_id);

ALTER TABLE identifications ADD COLUMN name TEXT NOT NULL DEFAULT '';     -- 'blue key ring'
ALTER TABLE identifications ADD COLUMN code_tail TEXT NOT NULL DEFAULT '';  -- last characters of a card or tag; nothing of a PIN
ALTER TABLE identifications ADD COLUMN hours TEXT NOT NULL DEFAULT '[]';
ALTER TABLE identifications ADD COLUMN stop_only INTEGER NOT NULL DEFAULT 0 CHECK (stop_only IN (0, 1));
ALTER TABLE identifications ADD COLUMN vehicle_id INTEGER REFERENCES vehicles (id);
ALTER TABLE identifications ADD COLUMN cap_wh INTEGER CHECK (cap_wh > 0);       -- over all its sessions; NULL: no cap
ALTER TABLE identifications ADD COLUMN cap_cents INTEGER CHECK (cap_cents > 0);
ALTER TABLE identifications ADD COLUMN cap_s INTEGER CHECK (cap_s > 0);
CREATE INDEX identifications_by_vehicle ON identifications (vehicle_id) WHERE vehicle_id IS NOT NULL;

-- How much energy a user may charge in a day, a week and a month (local time).
CREATE TABLE allowances (
    user_id  INTEGER NOT NULL REFERENCES users (id),
    period   TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    wh       INTEGER NOT NULL CHECK (wh >= 0),
    PRIMARY KEY (user_id, period)
) STRICT, WITHOUT ROWID;

ALTER TABLE grants ADD COLUMN terminal TEXT NOT NULL DEFAULT '';          -- where it was asked for: 'touch', 'reader:Hall'
ALTER TABLE grants ADD COLUMN ended_terminal TEXT NOT NULL DEFAULT '';    -- where it was stopped; '': the core ended it
ALTER TABLE grants ADD COLUMN ended_user_id INTEGER REFERENCES users (id);  -- who stopped it, where that is known
CREATE INDEX grants_by_point ON grants (point_id);
ALTER TABLE sessions ADD COLUMN vehicle_id INTEGER REFERENCES vehicles (id);
ALTER TABLE sessions ADD COLUMN seen_at TEXT;                             -- when the core last noted that it runs: measures a power cut
CREATE INDEX sessions_by_user ON sessions (user_id, began_at);
CREATE INDEX sessions_by_identification ON sessions (identification_id) WHERE identification_id IS NOT NULL;
CREATE INDEX attempts_by_time ON attempts (at);
CREATE INDEX attempts_by_point ON attempts (point_id);

-- Readers at the charging points.
CREATE TABLE readers (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE COLLATE NOCASE,
    url            TEXT NOT NULL,            -- 'wiegand:gpio:5,gpio:6'
    lamps          TEXT NOT NULL DEFAULT '',  -- 'green=gpio:22,red=gpio:23'; '': none
    enabled        INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    asked_boot_id  TEXT NOT NULL DEFAULT '',  -- one that listens only on demand listens until asked_until_s
    asked_until_s  REAL NOT NULL DEFAULT 0,   -- CLOCK_BOOTTIME
    created_at     TEXT NOT NULL,
    archived_at    TEXT
) STRICT;
CREATE TABLE reader_points (
    reader_id  INTEGER NOT NULL REFERENCES readers (id) ON DELETE CASCADE,
    point_id   INTEGER NOT NULL REFERENCES points (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,             -- the first free one in this order is released
    PRIMARY KEY (reader_id, point_id)
) STRICT, WITHOUT ROWID;

-- "The next card presented there belongs to this user." Answered once.
CREATE TABLE learn_requests (
    id                 INTEGER PRIMARY KEY,
    terminal           TEXT NOT NULL,
    user_id            INTEGER NOT NULL REFERENCES users (id),
    name               TEXT NOT NULL,        -- of the new identification
    boot_id            TEXT NOT NULL,
    until_s            REAL NOT NULL,        -- CLOCK_BOOTTIME
    asked_by           TEXT NOT NULL,
    answered_at        TEXT,
    outcome            TEXT CHECK (outcome IN ('learned', 'taken', 'random', 'cancelled')),
    identification_id  INTEGER REFERENCES identifications (id),  -- the one made, or the one that has the card already
    CHECK ((answered_at IS NULL) = (outcome IS NULL))
) STRICT;

-- Cards nobody has, for a while, so that a refused one can be given to somebody. Never a PIN.
CREATE TABLE unknown_cards (
    attempt_id   INTEGER PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
    kind         TEXT NOT NULL CHECK (kind IN ('rfid', 'ble')),
    code_hash    BLOB NOT NULL,
    code_sealed  BLOB NOT NULL,
    code_tail    TEXT NOT NULL,
    until        TEXT NOT NULL
) STRICT;

-- A card that is good, whose person must type a PIN, too.
CREATE TABLE awaited_pins (
    point_id           INTEGER PRIMARY KEY REFERENCES points (id) ON DELETE CASCADE,
    identification_id  INTEGER NOT NULL REFERENCES identifications (id),
    boot_id            TEXT NOT NULL,
    until_s            REAL NOT NULL         -- CLOCK_BOOTTIME
) STRICT;

-- A person's name may be taken out of the audit, and nothing else (charging/privacy.py).
DROP TRIGGER audit_is_append_only_1;
CREATE TRIGGER audit_is_append_only_1 BEFORE UPDATE ON audit
    WHEN NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.surface IS NOT OLD.surface OR NEW.actor IS NOT OLD.actor
        OR NEW.event IS NOT OLD.event OR NEW.subject NOT GLOB 'former user [0-9]*'
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- Calendar (appliance/known_time.py) --------------------------------------------------------------

-- A person said that date and time are right (one row). Later moments that were known before count no more.
CREATE TABLE calendar_confirmed (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    utc      TEXT NOT NULL,
    slot_id  INTEGER NOT NULL                  -- the newest of `slots` then: it and those before it prove nothing
) STRICT;
