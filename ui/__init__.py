"""Surfaces: touchscreen, web admin and the words they share."""
