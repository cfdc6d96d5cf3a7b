"""Backups: consistent, encrypted, checked, and put back when needed."""
