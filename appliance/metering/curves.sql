-- curves.db: what history shows finer than a quarter hour, and only for a while. It lies beside
-- store.db and is no part of a backup. Written by the core only, once a quarter hour.

-- The meters, also those that had a number before: rows of a number given anew must not mix.  Owner: curves.py
CREATE TABLE meters (
    number      INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 1023),
    meter_id    INTEGER NOT NULL,
    created_at  TEXT NOT NULL,             -- as in the store
    UNIQUE (meter_id, created_at)
) STRICT;

-- The names of series: quantities, and their least and greatest.                              Owner: curves.py
CREATE TABLE series (
    number  INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 255),
    name    TEXT NOT NULL UNIQUE           -- 'voltage_l1_v', 'power_w:max'
) STRICT;

-- A quarter hour of one series, 900 values; under series 0 the minutes of all series of the meter.
-- id = ((start_s / 900) * 1024 + meters.number) * 256 + series.number: appended in time order.  Owner: seconds.py
CREATE TABLE quarters (id INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;

-- A UTC day of one series by minutes, 1440 values.                                              Owner: minutes.py
-- id = ((start_s / 86400) * 1024 + meters.number) * 256 + series.number
CREATE TABLE minute_days (id INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;

-- How far the minutes of a meter are folded into days.                                          Owner: minutes.py
CREATE TABLE folded (
    meter_number  INTEGER PRIMARY KEY REFERENCES meters (number),
    next_day      INTEGER NOT NULL         -- days since 1970-01-01 (UTC): the first that is not
) STRICT;
