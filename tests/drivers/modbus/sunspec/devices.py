"""Register images of devices that speak SunSpec, right and wrong ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from drivers.modbus.sunspec import layout
from drivers.modbus.sunspec.layout import Identity
from tests.drivers.modbus.device import Behaviour, Request, Step

ILLEGAL_ADDRESS = 2
METER = Identity("Example", "Meter 3", "1.2.3", "sn-1")
VALUES = {
    "power_w": 872.0, "power_l1_w": 341.0, "power_l2_w": 266.0, "power_l3_w": 265.0,
    "voltage_l1_v": 233.6, "voltage_l2_v": 232.76, "voltage_l3_v": 234.18,
    "current_l1_a": 1.8, "current_l2_a": 1.2, "current_l3_a": 1.25,
    "voltage_l1_l2_v": 401.5, "voltage_l2_l3_v": 404.2, "voltage_l3_l1_v": 405.0,
    "power_factor": 0.65, "power_factor_l1": 0.81, "power_factor_l2": 0.95, "power_factor_l3": -0.9,
    "frequency_hz": 50.02,
    "apparent_va": 1168.0, "apparent_l1_va": 420.0, "apparent_l2_va": 279.0, "apparent_l3_va": 293.0,
    "reactive_var": -776.0, "reactive_l1_var": -245.0, "reactive_l2_var": -84.0, "reactive_l3_var": 125.0,
    "import_wh": 7812345.0, "export_wh": 1234567.0,
    "import_l1_wh": 2604115.0, "import_l2_wh": 2604115.0, "import_l3_wh": 2604115.0,
    "export_l1_wh": 411522.0, "export_l2_wh": 411522.0, "export_l3_wh": 411523.0,
}  # fmt: skip


def chain(base: int, *models: Sequence[int], end: bool = True) -> dict[int, int]:
    """`address -> register` of a chain at `base`."""
    words = [0x5375, 0x6E53]
    for model in models:
        words += model
    return dict(enumerate(words + ([0xFFFF, 0] if end else []), base))


def simple(model: int = 203, base: int = 40000, values: Mapping[str, float] = VALUES) -> dict[int, int]:
    """A device that is one meter."""
    return chain(base, layout.common(METER), layout.encode(model, values))


def strict(held: Mapping[int, int]) -> Behaviour:
    """Answer from `address -> register`; refuse a request that touches any other, as real devices do."""

    def answer(request: Request) -> Iterable[Step]:
        wanted = range(request.start, request.start + request.count)
        if request.function != 3 or any(address not in held for address in wanted):
            return [request.refusal(ILLEGAL_ADDRESS)]
        return [request.frame([held[address] for address in wanted])]

    return answer
