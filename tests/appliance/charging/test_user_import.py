"""Users from a file: all rows or none, and each is told what is wrong with it."""

from __future__ import annotations

from datetime import date

import pytest

from appliance import errors
from appliance.charging import identifications, user_import, users
from appliance.charging.user_import import Line
from tests.appliance.charging.house import ACTOR, House

GOOD = """first name,last name,type,code,expiry
Clara,Maier,pin,#4711,2027-12-31
Clara,Maier,rfid,04:a2:b3:1c,
Dora,Ott,,,
Emil,"Ott, jun.",,#8264,31.12.2027
"""


def bring(house: House, text: str, *, dry_run: bool = False) -> list[Line]:
    return user_import.run(house.opened, text, dry_run=dry_run, tell_holder=True, actor=ACTOR)


def errors_of(lines: list[Line]) -> dict[int, str]:
    return {line.number: str(line.error) for line in lines if line.error is not None}


def test_good_rows_become_users_with_their_codes(house: House) -> None:
    assert errors_of(bring(house, GOOD)) == {}
    found = {user.name: user.id for user in users.all(house.opened.store)}
    assert set(found) == {"Anna Berger", "Ben Berger", "Clara Maier", "Dora Ott", "Emil Ott, jun."}
    claras = identifications.all(house.opened.store, found["Clara Maier"])
    assert [(one.type, one.expires_on, one.tail) for one in claras] == [
        ("pin", date(2027, 12, 31), ""), ("rfid", None, "B31C"),
    ]  # fmt: skip
    assert identifications.all(house.opened.store, found["Dora Ott"]) == []
    assert house.authorize(house.point(), "#8264", "cli").result == "accepted", "a code without a type is a PIN"


def test_a_dry_run_checks_everything_and_saves_nothing(house: House) -> None:
    before = len(users.all(house.opened.store))
    assert errors_of(bring(house, GOOD, dry_run=True)) == {}
    assert len(users.all(house.opened.store)) == before


def test_one_bad_row_refuses_all_and_each_says_its_rule(house: House) -> None:
    text = GOOD + "".join(
        (
            "Fritz,,pin,#1111,\n",  # 6
            "Gert,Huber,pin,1234,\n",
            "Gert,Huber,pin,#4711,\n",
            "Gert,Huber,rfid,xyz,\n",
            "Anna,Berger,,,\n",
            "Hans,Huber,pin,#271828,\n",
            "Ida,Huber,pin,#5555,31/12/2027\n",
            "Jan,Huber,chip,#5555,\n",
        )
    )
    wrong = errors_of(bring(house, text))
    assert list(wrong) == list(range(6, 14))
    for number, words in {
        6: "1 to 80 characters", 7: "# and 4 to 8 digits", 8: "stands in line 2", 9: "3 to 10 bytes in hex",
        10: "already, number 1", 11: "belongs to Anna Berger", 12: "Write a date", 13: "is one of",
    }.items():  # fmt: skip
        assert words in wrong[number], number
    assert len(users.all(house.opened.store)) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfClara;M\xc3\xbcller;pin;#4711;\r\n",
        b"Clara;M\xfcller;pin;#4711;\n",
        b"Clara\tM\xc3\xbcller\tpin\t#4711\n",
        b"Vorname;Nachname;Typ;Code;Ablauf\r\nClara;M\xfcller;pin;#4711;31.12.2027\r\n",
        b"\r\n;;;;\r\nVorname;Nachname;Typ;Code;Ablauf\r\nClara;M\xfcller;pin;#4711;\r\n\r\n",
    ],
)
def test_files_as_spreadsheets_write_them_are_read(house: House, data: bytes) -> None:
    assert errors_of(bring(house, user_import.decode(data))) == {}
    assert users.find(house.opened.store, "Clara Müller")


@pytest.mark.parametrize("text", ["", "\n\n", "first name,last name,type,code,expiry\n"])
def test_a_file_without_rows_is_refused(house: House, text: str) -> None:
    with pytest.raises(errors.BadInput, match="no rows"):
        bring(house, text)


def test_an_expiry_without_a_code_is_refused_and_not_dropped() -> None:
    text = "first name,last name,type,code,expiry\nAnna,Berger,,,2027-05-01\nBen,Maas,,,\n"
    assert [None if one.error is None else str(one.error) for one in user_import.parse(text)] == [
        "What expires is a code: this row has none.",
        None,
    ]


def test_a_code_is_in_no_report_of_a_row() -> None:
    (line,) = user_import.parse("Clara,Maier,pin,#4711,\n")
    assert line.code == "#4711" and "4711" not in repr(line)


@pytest.mark.parametrize("rows", [1, 10_000])
def test_a_quotation_mark_that_is_never_closed_is_said_with_its_line(house: House, rows: int) -> None:
    rest = "".join(f"Nora,Huber {number},,,\n" for number in range(rows))
    with pytest.raises(errors.BadInput, match="marks in line 3 do not fit"):
        bring(house, f'Clara,Maier,,,\nDora,"Ott, jun.",,,\n"Emil,Ott,,,\n{rest}')
    assert len(users.all(house.opened.store)) == 2
