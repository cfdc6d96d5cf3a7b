"""The pages about meters, asked without a browser; what the core does for them is done by its real runner."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

import pytest
from flask.testing import FlaskClient

from appliance import audit, faults, heartbeat
from appliance.metering import errands, health, inspections, meters, models, readings, scans
from appliance.metering.errands import Runner
from appliance.metering.health import Health
from appliance.metering.meters import Meter
from appliance.opened import Opened
from drivers.interfaces import (
    Candidate,
    DriverError,
    Found,
    Inspection,
    MeterModel,
    RawPoint,
    Reading,
    ScanStep,
    ScanWanted,
)
from tests.fake_clock import FakeClock
from tests.ui.admin.conftest import HERE

PAGE = "/configuration/meters"
MODELS = [
    MeterModel("eastron-sdm630", "Eastron", "SDM630", ("rtu", "tcp"), 1),
    MeterModel("orno-we-516", "ORNO", "WE-516", ("rtu",), 1, parity="E", tested=False),
    MeterModel("sunspec", "SunSpec", "any meter", ("tcp", "rtu", "rtutcp"), 1),
]
FORM = {"name": "Grid", "model": "sunspec", "url": "tcp://192.0.2.7", "unit": "3", "role": "grid", "interval_s": "1"}
READING = {"power_w": 1450.0, "voltage_l1_v": 231.0, "voltage_l2_v": 4.0, "frequency_hz": 50.0, "import_wh": 5e6}


@pytest.fixture(autouse=True)
def _known_models(opened: Opened) -> None:
    """What a core tells of the meters it can read."""
    models.publish(opened.live, MODELS)


def grid(opened: Opened, **changes: object) -> Meter:
    fields = {"name": "Grid", "model": "sunspec", "url": "tcp://192.0.2.7", "unit": 3, "role": "grid", **changes}
    return meters.add(opened.store, opened.clock, actor=audit.CLI, **fields)  # type: ignore[arg-type]  # of several types


def let_core_work(opened: Opened, works: dict[str, errands.Work]) -> None:
    """The core's runner for a moment."""

    async def work() -> None:
        task = asyncio.create_task(Runner(opened.live, opened.clock, works).run())
        await asyncio.sleep(0.1)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    core = threading.Thread(target=lambda: asyncio.run(work()))  # a browser's tests keep a loop in this one
    core.start()
    core.join()


def text_of(page: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_list_shows_how_each_meter_is_doing(admin: FlaskClient, opened: Opened, clock: FakeClock) -> None:
    assert "There is no meter yet" in admin.get(PAGE, base_url=HERE).text
    fresh, stale, broken = grid(opened), grid(opened, name="Old"), grid(opened, name="Broken")
    readings.put(opened.live, clock, stale.id, Reading(READING, 0.02))
    clock.advance(30)
    heartbeat.beat(opened.live, "core", clock)
    readings.put(opened.live, clock, fresh.id, Reading(READING, 0.02))
    faults.report(opened.live, clock.now(), f"meter:{broken.id}", "silent", "Unit {unit} does not answer.", unit=3)
    with opened.live.write() as db:
        health.put(db, Health(fresh.id, 0.0, 970, 30, 1.02))
    page = text_of(admin.get(PAGE, base_url=HERE).text)
    assert "Fresh" in page and "1.45\u202fkW" in page and "1.02\u202fs" in page and "3.0\u202f%" in page
    assert "No data" in page and "last 30\u202fs ago" in page
    assert "Fault" in page and "Unit 3 does not answer." in page


def test_a_meter_is_added_and_nothing_typed_is_lost_when_it_is_wrong(admin: FlaskClient, opened: Opened) -> None:
    wrong = [
        ({"name": ""}, "needs a name"),
        ({"model": ""}, "no meter model"),
        ({"url": "192.0.2.7"}, "address is tcp"),
        ({"model": "orno-we-516"}, "not read over tcp"),
        ({"unit": "three"}, "unit id is a number"),
        ({"unit": "999"}, "0 to 255"),
        ({"interval_s": "often"}, "Seconds are a number"),
        ({"interval_s": "0,01"}, "is read every"),
        ({"role": "roof"}, "role of a meter"),
    ]
    for changes, sentence in wrong:
        typed = FORM | changes
        answer = admin.post(PAGE + "/new", data=typed, base_url=HERE)
        assert answer.status_code == 422 and sentence in answer.text, changes
        for key in ("name", "url", "unit", "interval_s"):
            assert f'value="{typed[key]}"' in answer.text, (changes, key)
    assert meters.all(opened.store) == []
    assert admin.post(PAGE + "/new", data=FORM | {"interval_s": "0,5"}, base_url=HERE).status_code == 303
    (meter,) = meters.all(opened.store)
    assert (meter.name, meter.model, meter.url, meter.unit, meter.role, meter.interval_s) == (
        "Grid", "sunspec", "tcp://192.0.2.7", 3, "grid", 0.5,
    )  # fmt: skip
    assert audit.newest(opened.store)[0].event == "meter.add"
    assert "already a meter called Grid" in admin.post(PAGE + "/new", data=FORM, base_url=HERE).text


def test_models_are_grouped_by_vendor_and_untested_ones_say_so(admin: FlaskClient) -> None:
    page = admin.get(PAGE + "/new", base_url=HERE).text
    assert re.findall(r'<optgroup label="([^"]+)"', page) == ["SunSpec", "Eastron", "ORNO"]
    assert "WE-516 (untested)" in page and "SDM630 (untested)" not in page


def test_an_empty_unit_is_the_models(admin: FlaskClient, opened: Opened) -> None:
    admin.post(PAGE + "/new", data=FORM | {"unit": ""}, base_url=HERE)
    assert meters.all(opened.store)[0].unit == 1


def test_a_meter_is_edited_archived_used_again_and_removed(admin: FlaskClient, opened: Opened) -> None:
    meter = grid(opened)
    page = f"{PAGE}/{meter.id}"
    assert 'value="tcp://192.0.2.7"' in admin.get(page + "/edit", base_url=HERE).text
    assert (
        admin.post(page + "/edit", data=FORM | {"name": "House", "role": "submeter"}, base_url=HERE).status_code == 303
    )
    assert meters.find(opened.store, "House").role == "submeter"
    admin.post(page + "/archive", base_url=HERE)
    assert meters.all(opened.store) == []
    assert "Archived" in admin.get(PAGE, base_url=HERE).text
    admin.post(page + "/activate", base_url=HERE)
    assert len(meters.all(opened.store)) == 1
    admin.post(page + "/remove", base_url=HERE)
    assert meters.all(opened.store, archived=True) == []
    assert admin.get(page, base_url=HERE).status_code == 404


def test_a_meter_with_history_is_not_removed_and_the_page_says_why(admin: FlaskClient, opened: Opened) -> None:
    meter = grid(opened)
    with opened.store.write() as db:
        db.execute("INSERT INTO slots (id, meter_id, start_s, samples, gap) VALUES (1, ?, 900, 1, 0)", (meter.id,))
    answer = admin.post(f"{PAGE}/{meter.id}/remove", base_url=HERE)
    assert answer.status_code == 409 and "archive it instead" in answer.text
    assert len(meters.all(opened.store)) == 1


def test_the_check_page_judges_the_newest_reading(admin: FlaskClient, opened: Opened, clock: FakeClock) -> None:
    meter = grid(opened)
    page = f"{PAGE}/{meter.id}"
    assert "There is no fresh reading" in admin.get(page, base_url=HERE).text
    readings.put(opened.live, clock, meter.id, Reading(READING, 0.123))
    shown = text_of(admin.get(page, base_url=HERE).text)
    assert "L2 has no voltage" in shown and "The frequency is in range" in shown
    assert "Voltage L1 231.0\u202fV" in shown and "123\u202fms" in shown and "Energy taken 5,000.000\u202fkWh" in shown


def test_registers_are_read_by_the_core_and_shown_with_their_addresses(
    client: Callable[[str], FlaskClient], opened: Opened
) -> None:
    meter = grid(opened)
    operator = client("operator")
    answer = operator.post(f"{PAGE}/{meter.id}/registers", base_url=HERE)
    assert answer.status_code == 303
    assert "are being read" in operator.get(answer.headers["Location"], base_url=HERE).text

    async def inspect(model: str, url: str, unit: int) -> Inspection:
        assert (model, url, unit) == ("sunspec", "tcp://192.0.2.7", 3)
        points = RawPoint("power_w", 3, 40088, (0xFFFE,), -2.0), RawPoint("import_l1_wh", 3, 40118, (), None)
        return Inspection("Example 3", points, 2, 0.04)

    let_core_work(opened, {inspections.KIND: inspections.work(inspect)})
    shown = text_of(operator.get(answer.headers["Location"], base_url=HERE).text)
    assert "FFFE" in shown and "40088" in shown and "refused" in shown and "Example 3" in shown
    assert "Read in 40\u202fms with 2 requests." in shown


def test_registers_that_cannot_be_read_say_why(admin: FlaskClient, opened: Opened) -> None:
    async def inspect(_model: str, _url: str, _unit: int) -> Inspection:
        raise DriverError("silent", "Unit {unit} does not answer.", unit=3)

    answer = admin.post(f"{PAGE}/{grid(opened).id}/registers", base_url=HERE)
    let_core_work(opened, {inspections.KIND: inspections.work(inspect)})
    assert "Unit 3 does not answer." in admin.get(answer.headers["Location"], base_url=HERE).text


@pytest.mark.parametrize("look", ["", "x", "-1", "99", "99999999999999999999"])
def test_a_look_that_is_not_known_is_no_error(admin: FlaskClient, opened: Opened, look: str) -> None:
    assert admin.get(f"{PAGE}/{grid(opened).id}", query_string={"look": look}, base_url=HERE).status_code == 200


def test_a_search_goes_to_the_core_and_a_find_fills_the_form(admin: FlaskClient, opened: Opened) -> None:
    grid(opened)
    sure = Candidate("sunspec", "Example 3 (SunSpec 203)", "identified", True, {"power_w": 5.0})
    unsure = Candidate("orno-we-516", "ORNO WE-516", "possible", False, {})
    asked: list[ScanWanted] = []

    async def scan(wanted: ScanWanted) -> AsyncGenerator[ScanStep, None]:
        asked.append(wanted)
        yield ScanStep(1, 4, wanted.url, 3, Found("tcp://192.0.2.7", 3, "", (sure,)))
        yield ScanStep(2, 4, wanted.url, 4, Found("tcp://192.0.2.7", 4, "Example 3", (sure, unsure)))
        yield ScanStep(3, 4, wanted.url, 5, Found("tcp://192.0.2.7", 5, ""))

    answer = admin.post(PAGE + "/search", data={"url": "tcp://192.0.2.7", "units": "1-5"}, base_url=HERE)
    watch = answer.headers["Location"]
    assert answer.status_code == 303 and "The search begins" in admin.get(watch, base_url=HERE).text
    let_core_work(opened, {scans.KIND: scans.work(scan)})
    assert asked[0].units == (1, 2, 3, 4, 5)
    page = admin.get(watch, base_url=HERE).text
    shown = text_of(page)
    assert "Set up already as Grid." in shown and "no meter that is known here" in shown and "untested" in shown
    assert admin.get(watch + "/progress.json", base_url=HERE).get_json() == {
        "over": True, "found": 3, "percent": 100, "at": "tcp://192.0.2.7 · 5",
    }  # fmt: skip
    (link, _) = re.findall(r'href="(/configuration/meters/new\?[^"]+)"', page)
    form = admin.get(link.replace("&amp;", "&"), base_url=HERE).text
    assert 'value="tcp://192.0.2.7"' in form and 'value="4"' in form and 'value="sunspec" selected' in form


def test_a_search_can_be_stopped(admin: FlaskClient, opened: Opened) -> None:
    watch = admin.post(PAGE + "/search", data={"url": "tcp://192.0.2.7"}, base_url=HERE).headers["Location"]
    assert admin.post(watch + "/stop", base_url=HERE).status_code == 303
    assert scans.look(opened, int(watch.rpartition("/")[2])).state == "cancelled"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"url": ""}, "Say where to look"), ({"url": "tcp://a", "units": "x"}, "Units are numbers")],
)
def test_a_search_that_cannot_be_is_refused_at_its_field(
    admin: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    answer = admin.post(PAGE + "/search", data=typed, base_url=HERE)
    assert answer.status_code == 422 and sentence in answer.text


def test_without_a_core_the_pages_say_so(admin: FlaskClient, opened: Opened, clock: FakeClock) -> None:
    clock.advance(60)
    assert "core does not run" in admin.get(PAGE, base_url=HERE).text
    assert "core does not run" in admin.get(PAGE + "/search", base_url=HERE).text
    answer = admin.post(PAGE + "/search", data={"url": "tcp://192.0.2.7"}, base_url=HERE)
    assert answer.status_code == 422 and "core does not run" in answer.text
