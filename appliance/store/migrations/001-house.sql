-- Why: the first store. One truth that every surface reads and writes through appliance/;
-- the core makes the hardware match it. Times are ISO 8601 UTC text, durations are seconds
-- of CLOCK_BOOTTIME with the boot id they belong to, energies are integer Wh.

CREATE TABLE migrations (
    number      INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    applied_at  TEXT NOT NULL
) STRICT;

-- Values that differ from the defaults in appliance/store/settings.py.
CREATE TABLE settings (
    key         TEXT PRIMARY KEY,
    value       TEXT NOT NULL,           -- as settings.py writes the type
    changed_at  TEXT NOT NULL,
    changed_by  TEXT NOT NULL
) STRICT;

-- The last moment the calendar was known good (one row).
CREATE TABLE known_time (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    utc  TEXT NOT NULL
) STRICT;

-- Who did what, for ever. Without secrets.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    surface  TEXT NOT NULL CHECK (surface IN ('core', 'touch', 'admin', 'phone', 'cli')),
    actor    TEXT NOT NULL,
    event    TEXT NOT NULL,              -- 'user.block', 'web.open' ...
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL               -- JSON object
) STRICT;
CREATE TRIGGER audit_is_append_only_1 BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_append_only_2 BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- Things asked for that the core does: done when finished_at >= wanted_at.
CREATE TABLE wishes (
    name         TEXT PRIMARY KEY,       -- 'backup'
    wanted_at    TEXT NOT NULL,
    wanted_by    TEXT NOT NULL,
    started_at   TEXT,
    finished_at  TEXT,
    outcome      TEXT                    -- 'ok' or the sentence of the error
) STRICT;

-- Metering ------------------------------------------------------------------------------------

CREATE TABLE meters (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    model        TEXT NOT NULL,
    url          TEXT NOT NULL,
    unit         INTEGER NOT NULL CHECK (unit BETWEEN 0 AND 255),
    role         TEXT NOT NULL CHECK (role IN ('grid', 'pv', 'charger', 'battery', 'submeter')),
    interval_s   REAL NOT NULL DEFAULT 1 CHECK (interval_s >= 0.1),
    created_at   TEXT NOT NULL,
    archived_at  TEXT
) STRICT;

-- One row per meter and quarter hour, from the meter's absolute counters.
-- id = start_s / 900 * 1024 + meter_id: rows are appended in time order, so a commit touches few pages.
CREATE TABLE slots (
    id                 INTEGER PRIMARY KEY,
    meter_id           INTEGER NOT NULL REFERENCES meters (id),
    start_s            INTEGER NOT NULL CHECK (start_s % 900 = 0),  -- Unix time
    import_wh          INTEGER,          -- energy in this slot; NULL: the meter has no such counter
    export_wh          INTEGER,
    import_counter_wh  INTEGER,          -- the meter's counter at the end
    export_counter_wh  INTEGER,
    min_w              INTEGER,
    mean_w             INTEGER,
    max_w              INTEGER,
    samples            INTEGER NOT NULL,
    gap                INTEGER NOT NULL CHECK (gap IN (0, 1)),      -- 1: part of the slot was not observed; its energy is right, its shape is not
    trace              BLOB              -- power at a finer step, see metering/traces.py
) STRICT;

-- Charging ------------------------------------------------------------------------------------

CREATE TABLE points (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    relay        TEXT NOT NULL UNIQUE,   -- 'gpio:17'
    meter_id     INTEGER REFERENCES meters (id),
    mode         TEXT NOT NULL DEFAULT 'authorized' CHECK (mode IN ('locked', 'free', 'authorized')),
    created_at   TEXT NOT NULL,
    archived_at  TEXT
) STRICT;

CREATE TABLE users (
    id           INTEGER PRIMARY KEY,    -- also the user number a person may type
    first_name   TEXT NOT NULL CHECK (first_name <> ''),
    last_name    TEXT NOT NULL CHECK (last_name <> ''),
    blocked      INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
    form_token   TEXT UNIQUE,            -- the form that created it: a double click creates one user
    created_at   TEXT NOT NULL,
    archived_at  TEXT
) STRICT;

CREATE TABLE identifications (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    type         TEXT NOT NULL CHECK (type IN ('pin', 'rfid', 'ble', 'app')),
    active       INTEGER NOT NULL CHECK (active IN (0, 1)),
    expires_on   TEXT,                   -- local date, valid through its 23:59:59; NULL: never
    code_hash    BLOB,                   -- HMAC-SHA-256 with the device key; NULL once removed
    code_sealed  BLOB,                   -- AES-GCM with the device key
    code_length  INTEGER NOT NULL,       -- digits without the #
    created_at   TEXT NOT NULL,
    removed_at   TEXT,
    CHECK ((removed_at IS NULL) = (code_hash IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX identifications_by_code ON identifications (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX identifications_by_user ON identifications (user_id);

-- Every attempt to start, with the first reason that refused it.
CREATE TABLE attempts (
    id                 INTEGER PRIMARY KEY,
    at                 TEXT NOT NULL,
    boot_id            TEXT NOT NULL,
    at_boottime_s      REAL NOT NULL,
    terminal           TEXT NOT NULL,    -- 'touch', 'cli', later 'reader:hall'
    point_id           INTEGER NOT NULL REFERENCES points (id),
    result             TEXT NOT NULL CHECK (result IN
        ('accepted', 'unknown', 'type_disabled', 'blocked', 'inactive', 'expired', 'locked_out', 'mode')),
    identification_id  INTEGER REFERENCES identifications (id),
    named_user_id      INTEGER REFERENCES users (id),  -- who the person said to be, where the keypad asks
    counted            INTEGER NOT NULL CHECK (counted IN (0, 1)),  -- 1: a wrong guess; the same typo again within minutes is 0
    remark             TEXT NOT NULL DEFAULT ''        -- 'clock': refused because date and time are not known
) STRICT;
CREATE INDEX attempts_by_terminal ON attempts (terminal, at);
CREATE INDEX attempts_by_named_user ON attempts (named_user_id, at) WHERE named_user_id IS NOT NULL;

-- A permission to charge. It ends by itself: at until_s while unused, with its lease (live.db) once a session runs.
CREATE TABLE grants (
    id                 INTEGER PRIMARY KEY,
    point_id           INTEGER NOT NULL REFERENCES points (id),
    reason             TEXT NOT NULL CHECK (reason IN ('pin', 'rfid', 'ble', 'app', 'free', 'resume', 'power_return')),
    user_id            INTEGER REFERENCES users (id),
    identification_id  INTEGER REFERENCES identifications (id),
    boot_id            TEXT NOT NULL,
    granted_at         TEXT NOT NULL,
    until_s            REAL NOT NULL,    -- CLOCK_BOOTTIME: end of the start window
    ended_at           TEXT,
    end_reason         TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX grants_one_open_per_point ON grants (point_id) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id                 INTEGER PRIMARY KEY,
    point_id           INTEGER NOT NULL REFERENCES points (id),
    grant_id           INTEGER NOT NULL REFERENCES grants (id),  -- the grant it runs on now
    user_id            INTEGER REFERENCES users (id),
    identification_id  INTEGER REFERENCES identifications (id),
    meter_id           INTEGER REFERENCES meters (id),
    boot_id            TEXT NOT NULL,
    began_at           TEXT NOT NULL,
    begin_wh           INTEGER,          -- the charging meter's counter; NULL: it could not be read (see remark)
    ended_at           TEXT,
    end_wh             INTEGER,
    end_reason         TEXT CHECK (end_reason IN
        ('stop', 'idle', 'blocked', 'revoked', 'mode', 'locked', 'power_cut', 'core_restart', 'fault', 'limit', 'unplug')),
    remark             TEXT NOT NULL DEFAULT '',
    CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CHECK (end_wh IS NULL OR begin_wh IS NULL OR end_wh >= begin_wh)
) STRICT;
CREATE UNIQUE INDEX sessions_one_running_per_point ON sessions (point_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_begin ON sessions (began_at);
CREATE TRIGGER sessions_stay_as_they_ended BEFORE UPDATE ON sessions WHEN OLD.ended_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'an ended session is never edited'); END;
CREATE TRIGGER sessions_are_never_deleted BEFORE DELETE ON sessions
    BEGIN SELECT RAISE(ABORT, 'a session is never deleted'); END;

-- Access --------------------------------------------------------------------------------------

-- Failures per credential or terminal, written before the answer is given.
CREATE TABLE throttles (
    name          TEXT PRIMARY KEY,      -- 'display_pin', 'web:admin', 'keypad:touch', 'user:7'
    failures      INTEGER NOT NULL,
    last_at       TEXT NOT NULL,
    wait_s        REAL NOT NULL,         -- the wait the last failure cost
    wait_boot_id  TEXT NOT NULL,         -- after a reboot the wait starts again
    wait_until_s  REAL NOT NULL,         -- CLOCK_BOOTTIME
    recent        TEXT NOT NULL DEFAULT '[]'  -- JSON: keyed hashes of the last wrong guesses; the same typo twice counts once
) STRICT;

-- The 4-digit PIN of the settings menu (no row: not set yet).
CREATE TABLE display_pin (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    verifier  TEXT NOT NULL,             -- Argon2id over HMAC-SHA-256(device key, PIN)
    set_at    TEXT NOT NULL
) STRICT;

-- The web admin's window (one row): open while this boot's clock is before open_until_s.
CREATE TABLE web_window (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    opening       INTEGER NOT NULL,      -- counts openings; sessions and presence codes belong to one
    boot_id       TEXT NOT NULL,
    open_until_s  REAL NOT NULL,         -- CLOCK_BOOTTIME
    changed_at    TEXT NOT NULL,
    changed_by    TEXT NOT NULL
) STRICT;

CREATE TABLE web_accounts (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role           TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password_hash  TEXT NOT NULL,        -- Argon2id
    is_default     INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),  -- admin/admin: needs the presence code and must be changed
    language       TEXT,                 -- as chosen by its person; NULL: the browser's
    changed_at     TEXT NOT NULL
) STRICT;

CREATE TABLE web_sessions (
    id            INTEGER PRIMARY KEY,
    token_hash    BLOB NOT NULL UNIQUE,  -- SHA-256 of 256 random bits
    account_id    INTEGER NOT NULL REFERENCES web_accounts (id) ON DELETE CASCADE,
    opening       INTEGER NOT NULL,      -- valid only in this opening of the window
    created_at    TEXT NOT NULL,
    address       TEXT NOT NULL,
    browser       TEXT NOT NULL
) STRICT;

-- Backups -------------------------------------------------------------------------------------

CREATE TABLE backups (
    id          INTEGER PRIMARY KEY,
    made_at     TEXT NOT NULL,
    made_by     TEXT NOT NULL,
    target      TEXT NOT NULL,           -- 'folder', 'usb'
    file        TEXT NOT NULL,
    size_bytes  INTEGER,
    sha256      TEXT,
    schema      INTEGER NOT NULL,
    outcome     TEXT NOT NULL,           -- 'ok' or the sentence of the error
    pruned_at   TEXT
) STRICT;

-- Recovery codes a person confirmed to have on paper: they are not shown again unasked.
CREATE TABLE backup_keys (
    public_key    TEXT PRIMARY KEY,
    confirmed_at  TEXT NOT NULL,
    confirmed_by  TEXT NOT NULL
) STRICT;
