-- Why: relays that are coils of a Modbus board, and inputs that tell whether a plug is in.

ALTER TABLE points ADD COLUMN plug TEXT NOT NULL DEFAULT '';              -- 'gpio:23', an input that tells whether a car is plugged in; '': none
