-- The present moment, on tmpfs. Written by the core only (heartbeats: each process its own);
-- nothing here matters after a reboot. Made anew when the boot or this file changes.

CREATE TABLE made (boot_id TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;

-- The newest reading of every meter.                      Owner: metering/readings.py
CREATE TABLE readings (
    meter_id       INTEGER PRIMARY KEY,
    at             TEXT NOT NULL,
    at_boottime_s  REAL NOT NULL,
    took_s         REAL NOT NULL,
    quantities     TEXT NOT NULL           -- JSON object: quantity -> SI value
) STRICT;

-- The quarter hour that is still growing.                 Owner: metering/growing.py
CREATE TABLE growing_slots (
    meter_id  INTEGER PRIMARY KEY,
    start_s   INTEGER NOT NULL,
    state     BLOB NOT NULL                -- JSON, as growing.py writes it
) STRICT;

-- Finished quarter hours that the store has not taken yet: columns as in its `slots`.  Owner: metering/slots.py
CREATE TABLE waiting_slots (
    number             INTEGER PRIMARY KEY,
    meter_id           INTEGER NOT NULL,
    start_s            INTEGER NOT NULL,
    import_wh          INTEGER,
    export_wh          INTEGER,
    import_counter_wh  INTEGER,
    export_counter_wh  INTEGER,
    min_w              INTEGER,
    mean_w             INTEGER,
    max_w              INTEGER,
    samples            INTEGER NOT NULL,
    gap                INTEGER NOT NULL
) STRICT;

-- How well each meter answers, over the last hour at most.  Owner: metering/health.py
CREATE TABLE meter_health (
    meter_id         INTEGER PRIMARY KEY,
    since_boottime_s REAL NOT NULL,        -- counted from this moment on
    readings         INTEGER NOT NULL,
    errors           INTEGER NOT NULL,
    interval_s       REAL                  -- mean time between two readings; NULL: fewer than two
) STRICT;

-- The last reading of each second of the quarter hour that is still growing.  Owner: metering/seconds.py
CREATE TABLE growing_seconds (
    meter_id    INTEGER NOT NULL,
    at_s        INTEGER NOT NULL,          -- Unix time
    quantities  TEXT NOT NULL,             -- JSON object: quantity -> whole steps (metering/steps.py)
    PRIMARY KEY (meter_id, at_s)
) STRICT, WITHOUT ROWID;

-- Packed curves of finished quarter hours that curves.db has not taken yet.  Owner: metering/curves.py
CREATE TABLE waiting_curves (
    number    INTEGER PRIMARY KEY,
    meter_id  INTEGER NOT NULL,
    start_s   INTEGER NOT NULL,
    quantity  TEXT NOT NULL,               -- '': the minutes of all quantities
    packed    BLOB NOT NULL                -- as metering/packing.py and metering/minutes.py write it
) STRICT;

-- What somebody wants the core to look at on a meter's line, and what it found.  Owner: metering/errands.py
CREATE TABLE errands (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,  -- a forgotten one's number is never another's
    kind      TEXT NOT NULL CHECK (kind IN ('scan', 'inspection')),
    wanted    TEXT NOT NULL,               -- JSON object
    until_s   REAL NOT NULL,               -- CLOCK_BOOTTIME; nobody wants it after that
    state     TEXT NOT NULL CHECK (state IN ('wanted', 'running', 'done', 'failed', 'cancelled')),
    progress  TEXT NOT NULL DEFAULT '{}',  -- JSON object
    message   TEXT NOT NULL DEFAULT '',    -- why it failed, with {placeholders}
    fields    TEXT NOT NULL DEFAULT '{}'   -- JSON object for the placeholders
) STRICT;
CREATE TABLE errand_results (
    errand_id  INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    result     TEXT NOT NULL,              -- JSON object
    PRIMARY KEY (errand_id, number)
) STRICT, WITHOUT ROWID;

-- The meter models that can be read.                      Owner: metering/models.py
CREATE TABLE meter_models (
    number  INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    model   TEXT NOT NULL                  -- JSON object: drivers.interfaces.MeterModel
) STRICT;

-- What the core sees at each charging point.              Owner: charging/observed.py
CREATE TABLE relays (
    point_id         INTEGER PRIMARY KEY,
    wanted           INTEGER NOT NULL CHECK (wanted IN (0, 1)),
    closed           INTEGER CHECK (closed IN (0, 1)),   -- NULL: cannot be read
    since            TEXT NOT NULL,
    since_boottime_s REAL NOT NULL,
    idle_since_s     REAL                                -- CLOCK_BOOTTIME: the running session's car draws no power since; NULL: it does
) STRICT;

-- How long a running session's grant may go on; renewed by the core, at most 60 s ahead.  Owner: charging/leases.py
CREATE TABLE leases (
    grant_id  INTEGER PRIMARY KEY,
    boot_id   TEXT NOT NULL,
    until_s   REAL NOT NULL                -- CLOCK_BOOTTIME
) STRICT;

-- What is wrong now.                                      Owner: faults.py
CREATE TABLE faults (
    source   TEXT NOT NULL,                -- 'meter:3', 'relay:1', 'backup', 'store', 'clock' ...
    code     TEXT NOT NULL,
    message  TEXT NOT NULL,                -- English with {placeholders}, the key of its translation
    fields   TEXT NOT NULL,                -- JSON object for the placeholders
    since    TEXT NOT NULL,
    PRIMARY KEY (source, code)
) STRICT;

-- Signs of life of the processes and loops.               Owner: heartbeat.py
CREATE TABLE heartbeats (
    name           TEXT PRIMARY KEY,       -- 'core', 'touch', 'admin'
    pid            INTEGER NOT NULL,
    version        TEXT NOT NULL,
    started_at     TEXT NOT NULL,
    at_boottime_s  REAL NOT NULL
) STRICT;

-- Faults that were told by e-mail.                        Owner: billing/mailings.py
CREATE TABLE told_faults (
    source  TEXT NOT NULL,
    code    TEXT NOT NULL,
    since   TEXT NOT NULL,
    PRIMARY KEY (source, code)
) STRICT;

-- What the core sees of the machine it runs on.           Owner: system/observed.py
CREATE TABLE machine (
    name           TEXT PRIMARY KEY,       -- 'network', 'time' ...
    at_boottime_s  REAL NOT NULL,
    value          TEXT NOT NULL           -- JSON
) STRICT;

-- What somebody wants done to the machine, and what became of it.  Owner: system/tasks.py
CREATE TABLE machine_tasks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    wanted     TEXT NOT NULL,              -- JSON object, without secrets
    sealed     BLOB,                       -- a password, sealed with the device key; gone once it was taken up
    wanted_by  TEXT NOT NULL,
    until_s    REAL NOT NULL,              -- CLOCK_BOOTTIME; not taken up after that
    state      TEXT NOT NULL CHECK (state IN ('wanted', 'running', 'done', 'failed')),
    stage      TEXT NOT NULL DEFAULT '',
    percent    INTEGER,                    -- how much of it is done, where that is known
    result     TEXT NOT NULL DEFAULT '{}', -- JSON object
    message    TEXT NOT NULL DEFAULT '',   -- why it failed, with {placeholders}
    fields     TEXT NOT NULL DEFAULT '{}'  -- JSON object for the placeholders
) STRICT;
