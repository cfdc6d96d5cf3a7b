"""The operating system's stand-in, for what talks to NetworkManager."""

from tests.appliance.system.conftest import machine, system

__all__ = ["machine", "system"]
