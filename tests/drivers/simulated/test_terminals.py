"""The house's terminals: one holder a line, and what a holder leaves behind falls."""

from __future__ import annotations

import pytest

from drivers.simulated.terminals import Refused, Terminals


def test_only_the_holder_drives_and_everybody_may_look() -> None:
    terminals = Terminals()
    assert terminals.level(17) == 0
    terminals.claim("core", 17)
    terminals.drive("core", 17, 1)
    assert terminals.level(17) == 1
    with pytest.raises(Refused, match="GPIO not allocated"):
        terminals.drive("doctor", 17, 0)
    with pytest.raises(Refused, match="GPIO busy"):
        terminals.claim("doctor", 17)
    terminals.free("doctor", 17)
    assert terminals.level(17) == 1


def test_claiming_again_keeps_the_level_and_freeing_lets_it_fall() -> None:
    terminals = Terminals()
    terminals.claim("core", 17)
    terminals.drive("core", 17, 1)
    terminals.claim("core", 17)
    assert terminals.level(17) == 1
    terminals.free("core", 17)
    assert terminals.level(17) == 0
    terminals.claim("doctor", 17)


def test_a_lost_holder_loses_all_its_lines_and_only_its_own() -> None:
    terminals = Terminals()
    for holder, line in (("core", 17), ("core", 22), ("doctor", 27)):
        terminals.claim(holder, line)
        terminals.drive(holder, line, 1)
    terminals.lose("core")
    assert [terminals.level(line) for line in (17, 22, 27)] == [0, 0, 1]
    terminals.lose("nobody")


def test_a_line_nobody_holds_cannot_be_driven() -> None:
    with pytest.raises(Refused):
        Terminals().drive("core", 17, 1)
