"""SunSpec: meters that describe themselves, so that any of them is read without a map."""
