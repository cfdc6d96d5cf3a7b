-- Why: who may charge, completely: readers, time windows, allowances, guests, vehicles, tariffs and a journal that proves itself.

