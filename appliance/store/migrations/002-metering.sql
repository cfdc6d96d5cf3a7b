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
