"""The store: one SQLite library, two files, and the bells that tell of a commit."""
