"""The command line on a home in a temporary folder: what it says, and with which exit code it ends."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from appliance.cli import main
from appliance.config import Home


@dataclass(frozen=True, slots=True)
class Answer:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command prints
        return json.loads(self.out)


Run = Callable[..., Answer]


def runner(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("backup", "list", stdin="")` on `home`."""
    monkeypatch.setenv("WATTWARD_RUN", str(home.run))

    def run(*words: str, stdin: str = "") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        code = main.main(["--home", str(home.root), *words])
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return run
