"""The validation beside the package, importable; and one exposure that several tests simulate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)

EXPOSURE: dict[str, Any] = {
    "tissue": {"site": "cheek"},
    "laser": {
        "wavelength": "10.6 um",
        "spot_diameter": "300 um",
        "profile": "gaussian",
        "pulse_energy": "20 mJ",
        "pulse_duration": "0.5 ms",
    },
    "initial_temperature": "33 degC",
}
