"""Meters, their readings, quarter-hour slots and the household's balance."""
