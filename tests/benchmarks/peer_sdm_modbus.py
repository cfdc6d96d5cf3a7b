"""Read an SDM630 with sdm_modbus, somebody else's library; runs in the peers' own environment, imports nothing of ours.

    peer_sdm_modbus.py DEVICE BAUD SECONDS all|each NAME...

`all` uses its grouping of everything it knows, `each` reads the named values one by one. Prints "readings seconds".
"""

from __future__ import annotations

import sys
import time

import sdm_modbus  # type: ignore[import-not-found]  # installed where this runs, not where it is checked


def main() -> None:
    """Read for so long."""
    device, baud, seconds, how, *names = sys.argv[1:]
    meter = sdm_modbus.SDM630(device=device, baud=int(baud), parity="N", stopbits=1, unit=1, timeout=1)
    readings, began = 0, time.perf_counter()
    while time.perf_counter() - began < float(seconds):
        found = meter.read_all(sdm_modbus.registerType.INPUT) if how == "all" else {n: meter.read(n) for n in names}
        assert found.get("l1_voltage") is not None or found.get("total_power_active") is not None, found
        readings += 1
    print(readings, time.perf_counter() - began)


main()
