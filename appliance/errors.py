"""Errors that people see: one sentence each that says what to do.

`message` is English with {placeholders} and is the key of its translation;
surfaces translate it with `ui.text`, the command line prints `str(error)` and
ends with exit code 2.
"""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - gettext's customary marker: collect for translation, return unchanged
    """Mark a sentence for the translation catalog."""
    return message


class WattwardError(Exception):
    """Base of every error we raise on purpose."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message.format(**values))
        self.message = message
        self.values = values


class BadInput(WattwardError):
    """Something typed breaks a rule. `field` names the form field it belongs to."""

    def __init__(self, message: str, field: str = "", **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


class NotFound(BadInput):
    """A name that nothing bears. The message lists what there is, or how to see it."""


class Refused(WattwardError):
    """What was asked is not allowed now. The message says why and what would help."""


class StoreError(WattwardError):
    """The store cannot be used. Nothing may charge until it can."""


class StoreBusy(StoreError):
    """Another process kept the store locked for too long. Trying again helps."""


class StoreFull(StoreError):
    """The disk is full or read-only. Free space or replace the card."""


class StoreDamaged(StoreError):
    """The file is not a sound database. The core restores the newest good backup."""


class StoreMissing(StoreError):
    """There is no store yet. The core makes it at its first start."""


class StoreVersion(StoreError):
    """The store was written by another version of Wattward. Update, or restart the core to migrate."""


class StoreConflict(StoreError):
    """A unique name, a reference or a CHECK forbids it. Callers turn this into a BadInput."""
