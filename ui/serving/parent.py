"""What a program inherits from the process that waits: its arguments, and that it does not outlive it."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with(parent: int) -> None:
    """Be killed by the kernel when the process `parent` ends; end now if it is gone already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0 or os.getppid() != parent:
        os._exit(1)


def arguments(program: str, words: Sequence[str] | None = None) -> argparse.Namespace:
    """Those of `child.command`, and the sockets; from here on this process dies with its parent."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--home", required=True)
    parser.add_argument("--parent", type=int, required=True, help="process without which this one must not live")
    parser.add_argument("--sockets", default="", help="descriptors of listening sockets, by comma")
    args = parser.parse_args(words)
    die_with(args.parent)
    return args
