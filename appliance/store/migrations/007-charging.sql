-- Why: relays that are coils of a Modbus board, inputs that tell whether a plug is in, and contactors that were welded:
-- neither a restart nor another wiring makes them open. A meter that is replaced while the appliance is off must not be
-- taken for energy; nor may a session go on for ever that nobody can measure, or a limited one that nobody can count.
-- How long a session lasted must not depend on a calendar that can be set.

ALTER TABLE points ADD COLUMN plug TEXT NOT NULL DEFAULT '';              -- 'gpio:23', an input that tells whether a car is plugged in; '': none
ALTER TABLE points ADD COLUMN welded INTEGER NOT NULL DEFAULT 0 CHECK (welded IN (0, 1)); -- 1: nobody may charge until a person saw its contactor open
ALTER TABLE sessions ADD COLUMN began_s REAL;                             -- CLOCK_BOOTTIME when it began, in the boot of boot_id
ALTER TABLE sessions ADD COLUMN lasted_s REAL;                            -- how long it ran until counted_s; NULL: it began before this was noted
ALTER TABLE sessions ADD COLUMN counted_s REAL;                           -- CLOCK_BOOTTIME, in the boot of counted_boot_id; NULL: it is over
ALTER TABLE sessions ADD COLUMN counted_boot_id TEXT;
ALTER TABLE sessions ADD COLUMN seen_wh INTEGER;                          -- the meter's counter at seen_at; NULL: not known then
CREATE INDEX identifications_in_use ON identifications (user_id) WHERE removed_at IS NULL; -- how many each user has, without a look at the rows

-- Lists that grow: only their CHECKs change, no row does (sqlite.org/lang_altertable.html, section 7).
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET sql = replace(sql, '''learned'', ''taken'')', '''learned'', ''taken'', ''uncounted'')')
    WHERE type = 'table' AND name = 'attempts';
UPDATE sqlite_schema SET sql = replace(sql, '''hours'', ''allowance'')', '''hours'', ''allowance'', ''unseen'', ''unmetered'', ''uncounted'', ''shared'')')
    WHERE type = 'table' AND name = 'sessions';
PRAGMA writable_schema=RESET;
