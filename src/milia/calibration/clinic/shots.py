"""A clinic's test shots: a CSV with the columns of the published measurements, read strictly."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from milia.base import InputError, nearest
from milia.laser import Device, Settings

MAX_BYTES = 4 << 20
MOST_SHOTS = 2000
COLUMNS = (
    *("row_id", "study", "tissue", "in_ex_vivo", "wavelength_um", "spot_diameter_um", "spot_note"),
    *("pulse_duration_us", "pulse_energy_mJ", "fluence_J_cm2", "fluence_flag", "n_pulses", "interval_ms"),
    *("measured_depth_um", "depth_lo_um", "depth_hi_um", "measured_width_um", "rtd_um", "sd_um", "sd_of"),
    *("source_url", "how_read", "flag", "quality", "notes"),
)
NEEDED = ("row_id", "tissue", "in_ex_vivo", "spot_diameter_um", "pulse_energy_mJ", "n_pulses")
MEASURED = {"measured_depth_um": "depth", "measured_width_um": "width", "rtd_um": "rtd_floor"}
TISSUES = {"pig": "pig", "porcine": "pig", "swine": "pig", "human": "human", "dermis": "dermis"}
STATES = ("in vivo", "ex vivo")
# what a reader takes for a test shot at all; whether the laser could have made it is judged by simulation
RANGES = {
    "wavelength_um": (2.0, 12.0),
    "spot_diameter_um": (20.0, 10_000.0),
    "pulse_duration_us": (0.1, 1e6),
    "pulse_energy_mJ": (0.1, 10_000.0),
    "n_pulses": (1, 100),
    "interval_ms": (0.1, 60_000.0),
    "measured_depth_um": (1.0, 20_000.0),
    "measured_width_um": (1.0, 20_000.0),
    "depth_lo_um": (1.0, 20_000.0),
    "depth_hi_um": (1.0, 20_000.0),
    "rtd_um": (1.0, 2_000.0),
    "sd_um": (0.1, 5_000.0),
}
NEAR_STEP = 0.01  # a setting read off a display may be rounded by this share
SAME_WAVELENGTH = 0.01
Z_90 = 1.6448536269514722


@dataclass(frozen=True)
class TestShot:
    """One measured test shot; SI. ``settings`` are steps of the device, ``values`` what was measured."""

    __test__ = False

    name: str
    line: int
    skin: str
    state: str
    settings: Settings
    values: Mapping[str, float]
    sd_m: float | None


@dataclass(frozen=True)
class ShotFile:
    """All shots of a file, of one tissue in one state."""

    file: str
    shots: tuple[TestShot, ...]
    left_out: tuple[str, ...] = ()

    @property
    def skin(self) -> str:
        return self.shots[0].skin

    @property
    def state(self) -> str:
        return self.shots[0].state


def read_shots(path: str | os.PathLike[str], device: Device, *, leave_out: tuple[str, ...] = ()) -> ShotFile:
    """Read test shots of a device.

    Parameters
    ----------
    path
        A CSV file with a header; columns of the published measurements, those that are empty may be missing.
    device
        Whose shots they are: settings must be steps of it, to within one per cent.
    leave_out
        Names (``row_id``) that take no part.

    Raises
    ------
    InputError
        Naming file, line, column, value and what is accepted; nothing is skipped.
    """
    file = os.fspath(path)
    rows = _rows(Path(path), file)
    shots = tuple(_shot(row, line, device, file) for line, row in rows)
    names = [shot.name for shot in shots]
    for shot in shots:
        if names.count(shot.name) > 1:
            raise InputError(
                "this name is used twice", file=file, key=f"line {shot.line}: row_id", value=shot.name,
                accepted="each row_id once",
            )  # fmt: skip
    for name in leave_out:
        if name not in names:
            raise InputError(
                "no shot has this name", file=file, key="--leave-out", value=name, accepted=", ".join(names)
            )
    kept = tuple(shot for shot in shots if shot.name not in leave_out)
    if not kept:
        raise InputError("no test shot is left", file=file, accepted="at least one measured shot")
    for shot in kept:
        if (shot.skin, shot.state) != (kept[0].skin, kept[0].state):
            raise InputError(
                f"shots on two tissues are not joined: line {kept[0].line} is {kept[0].skin} {kept[0].state}",
                file=file,
                key=f"line {shot.line}: tissue",
                value=f"{shot.skin} {shot.state}",
                accepted="one tissue in one state; calibrate each alone, or leave shots out by name",
            )
    return ShotFile(file, kept, tuple(leave_out))


def _rows(path: Path, file: str) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise InputError(f"the file cannot be read ({reason})", file=file) from None
    if len(data) > MAX_BYTES:
        raise InputError("the file is larger than 4 MiB", file=file)
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = list(reader.fieldnames or ())
        _check_header(header, file)
        found = []
        for row in reader:
            if None in row or any(value is None for value in row.values()):
                raise InputError(
                    "this line has another number of cells than the header", file=file,
                    key=f"line {reader.line_num}", accepted=f"{len(header)} cells",
                )  # fmt: skip
            found.append((reader.line_num, {name: value.strip() for name, value in row.items()}))
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8 text", file=file, accepted="a CSV file in UTF-8") from None
    except csv.Error as error:
        raise InputError(
            f"this is not CSV ({error})", file=file, accepted="a CSV file with a header"
        ) from None
    if not found:
        raise InputError("there is no shot in this file", file=file, accepted="at least one measured shot")
    if len(found) > MOST_SHOTS:
        raise InputError("there are too many shots", file=file, value=len(found), accepted=f"{MOST_SHOTS}")
    return found


def _check_header(header: list[str], file: str) -> None:
    for name in header:
        if name not in COLUMNS:
            close = nearest(name, COLUMNS)
            hint = f"; did you mean {close}?" if close else ""
            raise InputError(
                f"this column is not known{hint}", file=file, key="header", value=name,
                accepted=", ".join(COLUMNS),
            )  # fmt: skip
        if header.count(name) > 1:
            raise InputError("this column is there twice", file=file, key="header", value=name)
    missing = [name for name in NEEDED if name not in header]
    if missing or not any(name in header for name in MEASURED):
        raise InputError(
            "this column is missing",
            file=file,
            key="header",
            value=missing[0] if missing else " or ".join(MEASURED),
            accepted=f"{', '.join(NEEDED)} and at least one of {', '.join(MEASURED)}",
        )


def _shot(row: Mapping[str, str], line: int, device: Device, file: str) -> TestShot:
    def number(name: str) -> float | None:
        text = row.get(name, "")
        if not text:
            return None
        low, high = RANGES[name]
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or (name == "n_pulses" and value != round(value)):
            raise InputError(
                "this is not a number in the accepted range" if math.isfinite(value) else "this is no number",
                file=file, key=f"line {line}: {name}", value=text, accepted=f"{low:g} to {high:g}",
            )  # fmt: skip
        return value

    for name in NEEDED:
        if not row[name]:
            raise InputError("this is missing", file=file, key=f"line {line}: {name}", accepted="a value")
    wavelength = number("wavelength_um")
    own = 1e6 * device.wavelength_m
    if wavelength is not None and abs(wavelength - own) > SAME_WAVELENGTH * own:
        raise InputError(
            f"{device.title} has another wavelength", file=file, key=f"line {line}: wavelength_um",
            value=f"{wavelength:g}", accepted=f"{own:g}",
        )  # fmt: skip
    values = {what: 1e-6 * found for name, what in MEASURED.items() if (found := number(name)) is not None}
    if not values:
        raise InputError(
            "nothing was measured on this shot", file=file, key=f"line {line}",
            accepted=f"a number in at least one of {', '.join(MEASURED)}",
        )  # fmt: skip
    return TestShot(
        name=row["row_id"],
        line=line,
        skin=_skin(row["tissue"], line, file),
        state=_state(row["in_ex_vivo"], line, file),
        settings=_settings(number, device, line, file),
        values=values,
        sd_m=_sd(number, line, file),
    )


def _sd(number: object, line: int, file: str) -> float | None:
    assert callable(number)
    sd, low, high = number("sd_um"), number("depth_lo_um"), number("depth_hi_um")
    if low is not None and high is not None and high <= low:
        raise InputError(
            "the upper end is not above the lower one", file=file, key=f"line {line}: depth_hi_um",
            value=f"{high:g}", accepted=f"more than {low:g}",
        )  # fmt: skip
    if sd is not None:
        return float(1e-6 * sd)
    # a range is read as the central 90 %
    return float(1e-6 * (high - low) / (2.0 * Z_90)) if low is not None and high is not None else None


def _skin(text: str, line: int, file: str) -> str:
    words = text.lower().replace("(", " ").replace(",", " ").split()
    found = {TISSUES[word] for word in words if word in TISSUES} - {"dermis"}
    if "dermis" in words:
        return "dermis"
    if len(found) != 1:
        raise InputError(
            "this tissue cannot be simulated", file=file, key=f"line {line}: tissue", value=text,
            accepted="pig skin, human skin or dermis",
        )  # fmt: skip
    return found.pop()


def _state(text: str, line: int, file: str) -> str:
    for state in STATES:
        if text.lower().startswith(state):
            return state
    raise InputError(
        "this is neither", file=file, key=f"line {line}: in_ex_vivo", value=text, accepted=" or ".join(STATES)
    )


def _settings(number: object, device: Device, line: int, file: str) -> Settings:
    assert callable(number)
    pulses = round(number("n_pulses"))
    interval = number("interval_ms")
    if pulses > 1 and interval is None:
        raise InputError(
            "more than one pulse needs an interval", file=file, key=f"line {line}: interval_ms",
            accepted="the time from pulse to pulse",
        )  # fmt: skip
    asked = {
        "pulse_energy": (number("pulse_energy_mJ"), 1e-3),
        "spot_diameter": (number("spot_diameter_um"), 1e-6),
        "pulse_duration": (number("pulse_duration_us"), 1e-6),
        "interval": (interval if pulses > 1 else None, 1e-3),
    }
    si = {name: value * scale if value is not None else None for name, (value, scale) in asked.items()}
    energy = _step(si["pulse_energy"], tuple(dict.fromkeys(e for e, _ in device.pulse_pairs)))
    durations = tuple(d for e, d in device.pulse_pairs if e == energy)
    if si["pulse_duration"] is None and len(durations) > 1:
        raise InputError(
            f"{device.title} offers this energy with more than one duration", file=file,
            key=f"line {line}: pulse_duration_us", accepted=", ".join(f"{1e6 * d:g}" for d in durations),
        )  # fmt: skip
    wanted = si["pulse_duration"] or (durations[0] if durations else 1e-3)
    duration = _step(wanted, durations)
    steps = device.intervals_for(energy, duration, pulses=pulses) or device.interval_s
    made = Settings(
        pulse_energy_J=energy,
        pulse_duration_s=duration,
        spot_diameter_m=_step(si["spot_diameter"], device.spot_diameters_m),
        pulses=pulses,
        interval_s=_step(si["interval"], steps) if si["interval"] is not None else steps[0],
        passes=1,
    )
    device.check(made, file=file, key=f"line {line}")
    return made


def _step(value: float | None, steps: tuple[float, ...]) -> float:
    """Return the step that a display rounds to the value, or the value itself where there is none."""
    assert value is not None
    close = [step for step in steps if abs(step - value) <= NEAR_STEP * step]
    return min(close, key=lambda step: abs(step - value)) if close else value
