"""Backups: made by schedule or wish, encrypted, opened to check them, restored without reviving what was revoked."""
