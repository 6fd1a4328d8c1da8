"""The device profile that a calibration leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from milia.base import InputError, read_yaml_mapping
from milia.calibration.clinic.result import DeviceCalibration
from milia.calibration.draws import Z_90
from milia.knowledge import DATA_FOLDER
from milia.laser import Device, device, load_device

SUFFIXES = (".yaml", ".yml")
DELIVERED = (0.05, 1.5)
LONGEST_NAME = 80


def named_device(name: str) -> tuple[Device, dict[str, Any]]:
    """Return a device of the library, or of a file, with its section as written."""
    if name.lower().endswith(SUFFIXES):
        return load_device(name), dict(read_yaml_mapping(name)["device"])
    found = device(name, key="--device")
    return found, dict(read_yaml_mapping(Path(DATA_FOLDER) / "devices" / f"{name}.yaml")["device"])


def profile_of(found: DeviceCalibration, section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a device file's mapping: the device as it was, with what its shots said.

    Raises
    ------
    InputError
        If the effective share is beyond what a device file may state: then the simulation does not
        describe this laser, and no profile is made of it.
    """
    mean, sd = found.summary.mean, found.summary.sd
    low, high = DELIVERED
    if not low <= mean <= high or mean <= Z_90 * sd:
        raise InputError(
            f"the craters are those of {mean:.2f} ± {sd:.2f} of the display, which no profile may state",
            file=found.file,
            accepted=f"a share from {low:g} to {high:g}; check settings, units and device",
        )
    lesions = found.outcomes.openings if found.outcomes and found.outcomes.joined else 0
    name = f"{section['name']}-calibrated"[:LONGEST_NAME]
    return {
        "device": {
            **{key: value for key, value in section.items() if key != "calibrated"},
            "name": name,
            "title": f"{section['title']}, calibrated"[:120],
            "delivered_fraction": f"{mean:.3f}",
            "source": f"{found.shots} test shots, seed {found.seed}: {Path(found.file).name[:80]}",
            "flag": "derived",
            "note": (
                f"Delivers {mean:.2f} ± {sd:.2f} of its display: what the simulation must be fed for this "
                f"laser's craters in {found.tissue}, its own error in it. The spread stands under "
                f"calibrated, with its correlation. Steps are those of {section['name']}."
            ),
            "calibrated": {
                "parameter_set": found.parameter_set,
                "shots": found.shots,
                "lesions": lesions,
                "energy_spread": round(math.sqrt(math.log1p((sd / mean) ** 2)), 4),
                "simulation_scatter": round(found.scatter_left, 3),
                "parameters": {
                    one.name: list(one.table) for one in sorted(found.learnt, key=lambda one: one.name)
                },
                "correlation": [list(row) for row in found.correlation],
            },
        }
    }


def profile_text(found: DeviceCalibration, section: Mapping[str, Any]) -> str:
    """Return the profile as YAML with its provenance in front."""
    import yaml

    head = "\n".join(
        (
            "# A device profile written by `milia calibrate`; name it in a case: `device: THIS_FILE.yaml`.",
            f"# {found.sentence}",
            f"# Parameter set {found.parameter_set}, seed {found.seed}, "
            f"{found.inside} of {len(found.checked)} numbers inside their 90 % interval.",
            *(f"# Set aside: {one.label}: {one.why}" for one in found.aside),
            *(f"# Left out by name: {name}" for name in found.left_out),
        )
    )
    body = yaml.safe_dump(
        profile_of(found, section), sort_keys=False, allow_unicode=True, width=118, default_flow_style=None
    )
    return f"{head}\n{body}"
