"""The web admin: a small process that waits for its window, and a Flask program that lives as long as the window.

`serve` waits, owns the port and ends the program; `web` is that program.
Nothing is imported here, so that waiting stays small.
"""
