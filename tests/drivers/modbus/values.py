"""What the meters of these tests show."""

from __future__ import annotations

VALUES = {
    "power_w": -1250.5,
    "power_l1_w": -2000.0,
    "power_l2_w": 400.5,
    "power_l3_w": 349.0,
    "voltage_l1_v": 230.25,
    "voltage_l2_v": 231.5,
    "voltage_l3_v": 229.75,
    "current_l1_a": 8.75,
    "current_l2_a": 1.75,
    "current_l3_a": 1.5,
    "power_factor": -0.875,
    "frequency_hz": 50.0,
    "import_wh": 12_345_678.0,
    "export_wh": 2_000_000.0,
    "import_l1_wh": 4_000_000.0,
    "import_l2_wh": 5_000_000.0,
    "import_l3_wh": 3_345_500.0,
    "export_l1_wh": 1_000_000.0,
    "export_l2_wh": 500_000.0,
    "export_l3_wh": 500_000.0,
}
