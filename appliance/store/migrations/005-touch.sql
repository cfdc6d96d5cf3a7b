-- Why: what the touchscreen remembers: what went wrong until somebody read it, and where the first-run assistant stopped.

-- What was wrong, from when to when; kept so that nothing vanishes unread.  Owner: notices.py
CREATE TABLE notices (
    id        INTEGER PRIMARY KEY,
    source    TEXT NOT NULL,               -- as in the faults: 'meter:3', 'backup' ...
    code      TEXT NOT NULL,
    message   TEXT NOT NULL,               -- English with {placeholders}, the key of its translation
    fields    TEXT NOT NULL,               -- JSON object for the placeholders
    began_at  TEXT NOT NULL,
    ended_at  TEXT,                        -- NULL: it is still so
    read_at   TEXT                         -- NULL: nobody saw it in the list
) STRICT;
CREATE UNIQUE INDEX notices_active ON notices (source, code) WHERE ended_at IS NULL;

-- What the touchscreen must know after a restart.                           Owner: start.py
CREATE TABLE start_memory (
    name   TEXT PRIMARY KEY,               -- 'splash_boot', 'assistant'
    value  TEXT NOT NULL
) STRICT;
