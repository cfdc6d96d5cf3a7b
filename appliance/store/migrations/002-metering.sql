-- Why: years of history on a card that lasts, and counters that a household can set back to zero.

-- History (appliance/metering) ------------------------------------------------------------------

-- What is finer than a quarter hour ends after a while and lies in curves.db (metering/curves.sql), which needs no backup.
ALTER TABLE slots DROP COLUMN trace;

-- A local day of a meter, summed from its slots so that a year opens at once. Only a copy: a day that
-- is not here is summed from its slots.                    Owner: metering/days.py
-- id = days since 1970-01-01 * 1024 + meter_id
CREATE TABLE days (
    id         INTEGER PRIMARY KEY,
    import_wh  INTEGER,
    export_wh  INTEGER,
    min_w      INTEGER,
    mean_w     INTEGER,
    max_w      INTEGER,
    samples    INTEGER NOT NULL,
    gaps       INTEGER NOT NULL              -- quarter hours that were not wholly observed
) STRICT;

-- How far the days are summed, and in which time zone (one row).
CREATE TABLE days_summed (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    zone      TEXT NOT NULL,
    next_day  INTEGER NOT NULL               -- days since 1970-01-01: the first that is not summed
) STRICT;

-- A meter whose current transformers cannot be turned.     Owner: metering/meters.py
ALTER TABLE meters ADD COLUMN inverted INTEGER NOT NULL DEFAULT 0 CHECK (inverted IN (0, 1));

-- Counters (appliance/metering) -----------------------------------------------------------------

-- Where the energy counters that people see begin; shown = the meter's own counter - baseline_wh.
-- No row: the meter's own counter is shown as it is.       Owner: metering/totals.py
CREATE TABLE counter_baselines (
    meter_id     INTEGER NOT NULL REFERENCES meters (id) ON DELETE CASCADE,
    quantity     TEXT NOT NULL,              -- 'import_wh', 'export_l3_wh' …
    baseline_wh  INTEGER NOT NULL,           -- below zero once a meter was replaced by a newer one
    last_wh      INTEGER NOT NULL,           -- the meter's own counter when it was noted last …
    last_at      TEXT NOT NULL,              -- … at this time: another meter is told by it
    reset_at     TEXT,                       -- NULL: never set back to zero
    PRIMARY KEY (meter_id, quantity)
) STRICT, WITHOUT ROWID;
