"""The API for apps: one module a subject, every operation described where it is written."""
