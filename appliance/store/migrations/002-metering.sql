-- Why: years of history on a card that lasts, and counters that a household can set back to zero.

