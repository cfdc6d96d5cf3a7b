"""Sentences of the drivers that people see: marked for translation, and refusals that carry theirs."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - gettext's customary marker: collect for translation, return unchanged
    """Mark a sentence for the translation catalog."""
    return message


class BadAddress(ValueError):
    """The address of a meter or reader cannot be. The message says what is allowed.

    `message` and `values` are the sentence before filling in, the key of its translation.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message.format(**values))
        self.message = message
        self.values = values
