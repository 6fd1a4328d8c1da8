"""A clinic's device as the engine knows it, its test shots as a file, and its calibration."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milia.base import InputError
from milia.laser import DEVICE_KEYS, device_from_mapping, load_device
from milia.laser import Device as Laser
from milia.records import Entry, TestShots
from milia.web.i18n import mark

if TYPE_CHECKING:
    from milia.web.pages_ask import Form

__all__ = [
    "as_csv",
    "calibrate",
    "check",
    "definition_of_file",
    "laser_of",
    "pulse_choices",
    "row_of",
    "rows_of_csv",
    "rows_together",
    "section_of",
    "without_calibration",
]

COLUMNS = (
    *("row_id", "tissue", "in_ex_vivo", "spot_diameter_um", "pulse_duration_us", "pulse_energy_mJ"),
    *("n_pulses", "interval_ms", "measured_depth_um", "measured_width_um", "sd_um", "notes"),
)
SEED = 0


def section_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Give the section of a device file that a definition stands for; what else is kept there is left out."""
    if name := definition.get("library"):
        from milia.calibration import named_device

        return named_device(str(name))[1]
    return {key: value for key, value in definition.items() if key in DEVICE_KEYS}


def laser_of(definition: Mapping[str, Any]) -> Laser:
    """Give the laser that a definition describes."""
    if name := definition.get("library"):
        from milia.laser import device

        return device(str(name))
    return device_from_mapping(section_of(definition))


def without_calibration(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Give the definition as it was before its first calibration: no shot counts twice."""
    return dict(definition.get("origin") or definition)


def definition_of_file(data: bytes) -> dict[str, Any]:
    """Read an uploaded device file, with every check that a device file gets."""
    from milia.base import read_yaml_mapping

    with _as_file(data, "device.yaml") as path:
        load_device(path)
        return dict(read_yaml_mapping(path)["device"])


def pulse_choices(laser: Laser) -> list[tuple[str, str]]:
    """Give every pulse of a laser as (value, text): energy and duration as its display has them."""
    return [
        (f"{1e3 * energy:.6g}|{1e6 * duration:.6g}", f"{1e3 * energy:.4g} mJ · {1e6 * duration:.4g} µs")
        for energy, duration in laser.deliverable()
    ]


def row_of(form: Form, name: str) -> dict[str, str]:
    """Make a row of the file from the form of one shot."""
    energy, _, duration = form.text("pulse").partition("|")
    found = {
        "row_id": name,
        "pulse_energy_mJ": energy,
        "pulse_duration_us": duration,
        **{key: form.text(key) for key in ("tissue", "in_ex_vivo", "spot_diameter_um", "n_pulses")},
        **{key: form.maybe(key) for key in ("interval_ms", "measured_depth_um", "measured_width_um")},
        **{key: form.maybe(key) for key in ("sd_um", "notes")},
    }
    if found["n_pulses"] == "1":
        found["interval_ms"] = ""
    return {key: found[key] for key in COLUMNS}


def rows_of_csv(data: bytes, laser: Laser) -> tuple[dict[str, str], ...]:
    """Read an uploaded file of shots; one wrong cell refuses the whole file and is named."""
    check(data, laser)
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return tuple({key: value.strip() for key, value in row.items()} for row in reader)


def check(data: bytes, laser: Laser, *, leave_out: Sequence[str] = ()) -> None:
    """Raise what is wrong with a file of shots."""
    from milia.calibration import read_shots

    with _as_file(data, "shots.csv") as path:
        read_shots(path, laser, leave_out=tuple(leave_out))


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as a file, with every column that one of them has."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8")


def rows_together(sheets: Sequence[Entry[TestShots]]) -> list[dict[str, Any]]:
    """Join the shots of several sheets; names get the day and the sheet's number in front."""
    found = []
    for number, sheet in enumerate(sorted(sheets, key=lambda each: each.seq), start=1):
        front = f"{sheet.content.shot_on} #{number} " if len(sheets) > 1 else ""
        found += [{**row, "row_id": f"{front}{row['row_id']}"} for row in sheet.content.rows]
    if not found:
        raise InputError(
            mark("There is no test shot yet."), key="shots", accepted=mark("at least one measured shot")
        )
    return found


def calibrate(content: Mapping[str, Any], beat: Callable[[int], bool]) -> dict[str, Any]:
    """Calibrate a laser on its shots, as `milia calibrate` does; a profile that is refused says why."""
    # Small matrices: the threads of a linear algebra library would wait for each other.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    import yaml

    from milia.calibration import TreatedLesion, calibrate_device, profile_text, read_shots

    section = section_of(content["definition"])
    laser = laser_of(content["definition"])
    recorded = content.get("outcomes")
    lesions = [TreatedLesion.from_dict(each) for each in recorded["lesions"]] if recorded else ()

    def progress(share: float, _: str) -> None:
        if not beat(min(99, round(100 * share))):
            raise InputError(mark("The calibration was cancelled."), key="job")

    with _as_file(as_csv(content["rows"]), "shots.csv") as path:
        file = read_shots(path, laser, leave_out=tuple(content.get("leave_out", ())))
        found = calibrate_device(file, laser, lesions=lesions, seed=SEED, progress=progress)
    profile, why_not = None, ""
    try:
        profile = yaml.safe_load(profile_text(found, section))["device"]
    except InputError as error:
        why_not = error.problem
    result = found.to_dict()
    if recorded:
        result["outcomes"]["set_aside"] += recorded["set_aside"]
    return {
        "device_id": content["device_id"],
        "result": result,
        "profile": profile,
        "why_not": why_not,
    }


@contextmanager
def _as_file(data: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="milia-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path
