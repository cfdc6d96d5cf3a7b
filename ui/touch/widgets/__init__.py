"""The small widget set of the touchscreen."""
