-- Why: relays that are coils of a Modbus board, inputs that tell whether a plug is in, and contactors that were welded:
-- neither a restart nor another wiring makes them open. A meter that is replaced while the appliance is off must not be
-- taken for energy.

ALTER TABLE points ADD COLUMN plug TEXT NOT NULL DEFAULT '';              -- 'gpio:23', an input that tells whether a car is plugged in; '': none
ALTER TABLE points ADD COLUMN welded INTEGER NOT NULL DEFAULT 0 CHECK (welded IN (0, 1)); -- 1: nobody may charge until a person saw its contactor open
ALTER TABLE sessions ADD COLUMN seen_wh INTEGER;                          -- the meter's counter at seen_at; NULL: not known then
