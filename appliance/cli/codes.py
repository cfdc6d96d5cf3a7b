"""Read a secret that was given as `-`: from a prompt, or from standard input in scripts.

A secret in the arguments of a command is in the shell's history and visible to
everybody on the machine while it runs.
"""

from __future__ import annotations

import getpass
import sys

from appliance.errors import N_, BadInput


def read_code(given: str, prompt: str = "Code: ") -> str:
    """`given` itself, or for `-` what is typed or piped. Raises BadInput when nothing is."""
    if given != "-":
        return given
    code = read_secret(prompt)
    if not code:
        raise BadInput(N_("No code was given on standard input."), field="code")
    return code


def read_secret(prompt: str) -> str:
    """What is typed unseen, or the next line of standard input; may be nothing."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
