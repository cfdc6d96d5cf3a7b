"""What the twin of RPi.GPIO shows of the library below rpi-lgpio: its error class."""

from __future__ import annotations


class error(Exception):  # noqa: N801 - the library's own name; it is no RuntimeError, which is what makes it a trap
    """The chip or the kernel refused."""

    def __str__(self) -> str:
        return repr(self.args[0])  # as the library writes it
