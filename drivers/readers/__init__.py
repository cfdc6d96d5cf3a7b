"""Readers at the charger: what they send becomes a number, a PIN or a tag that the core can look up."""
