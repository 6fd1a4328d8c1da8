"""Device files: one schema for the library's own devices and for a user's."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from typing import Any

from milia.base import (
    InputError,
    as_list,
    as_mapping,
    check_keys,
    format_quantity,
    format_range,
    nearest,
    one_line,
    parse_choice,
    parse_measured,
    parse_quantity,
    parse_whole,
    read_yaml_mapping,
    require,
)
from milia.knowledge import DATA_FOLDER, FLAGS, Uncertain, load_knowledge
from milia.laser.beam import Profile
from milia.laser.calibrated import read_calibrated
from milia.laser.device import KINDS, Device

__all__ = ["DEVICE_KEYS", "device", "device_from_mapping", "devices", "load_device"]

DEVICE_KEYS = (
    *(
        "name",
        "title",
        "kind",
        "wavelength",
        "profile",
        "order",
        "m2",
        "spot_diameters",
        "pulses",
        "intervals",
    ),
    *("pulses_max", "passes_max", "average_power_max", "duty_max"),
    *("delivered_fraction", "energy_spread", "focus_offset", "source", "flag", "note"),
    "calibrated",
)

_FOLDER = DATA_FOLDER / "devices"
_Z_90 = 1.6448536269514722
_SECTION = "a name in the device library, or a section with the keys of a device file"

# Accepted ranges: what a reader takes for a laser at all, not what any device does.
_SPOT_m = (20e-6, 10e-3)
_ENERGY_J = (1e-4, 10.0)
_POWER_W = (0.05, 20e3)
_DURATION_s = (1e-6, 1.0)
_INTERVAL_s = (1e-4, 60.0)


@functools.lru_cache(maxsize=1)
def devices() -> tuple[Device, ...]:
    """Give the device library, in order of name."""
    return tuple(_library_device(name) for name in _names())


def device(name: str, *, file: str | None = None, key: str = "device") -> Device:
    """Give a device of the library; refuse an unknown name with the nearest known one.

    ``file`` and ``key`` say where the name stands, for the message.
    """
    names = _names()
    if name not in names:
        close = nearest(name, names)
        hint = f"; did you mean {close}?" if close else ""
        problem = f"the device library has no such device{hint}"
        raise InputError(problem, file=file, key=key, value=name, accepted=", ".join(names))
    return _library_device(name)


def load_device(path: str | os.PathLike[str]) -> Device:
    """Read a user's device file: one section ``device``, the schema of the library's own files."""
    file = os.fspath(path)
    mapping = read_yaml_mapping(path)
    check_keys(mapping, ["device"], key=None, file=file)
    found = require(
        mapping, "device", key=None, file=file, accepted="a section with the keys of a device file"
    )
    return device_from_mapping(found, file=file)


def device_from_mapping(mapping: object, *, file: str | None = None, key: str = "device") -> Device:
    """Read a device from a mapping with the keys of a device file.

    Parameters
    ----------
    mapping
        See ``docs/case-file.md``; quantities are text with units.
    file, key
        Where the mapping stands, for messages.

    Returns
    -------
    Device
        With ``assumed`` naming the keys that were left out and filled from the knowledge base.

    Raises
    ------
    InputError
        For anything missing, unknown, out of range or contradictory.
    """
    return _Reader(as_mapping(mapping, key=key, file=file, accepted=_SECTION), file, key).device(
        evidence=None
    )


@functools.lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml") if path.stem != "common"))


@functools.lru_cache(maxsize=32)
def _library_device(name: str) -> Device:
    file = f"{name}.yaml"
    mapping = read_yaml_mapping(_FOLDER / file)["device"]
    knowledge = load_knowledge()
    if mapping.get("name") != name:
        raise InputError(
            "the name differs from the file's", file=file, key="device.name", value=mapping.get("name")
        )
    for needed in ("source", "flag", "note"):
        require(mapping, needed, key="device", file=file, accepted="every library device states it")
    knowledge.source(mapping["source"])
    statement = knowledge.statement(f"device.{name}").id
    own = tuple(quantity.id for quantity in knowledge.quantities(f"device.{name}"))
    return _Reader(mapping, file, "device").device(evidence=(statement, *own))


class _Reader:
    """One device section being read; holds where it stands so that every message can say so."""

    def __init__(self, mapping: Mapping[str, Any], file: str | None, key: str) -> None:
        self.mapping, self.file, self.key = mapping, file, key
        self.assumed: list[str] = []

    def device(self, *, evidence: tuple[str, ...] | None) -> Device:
        check_keys(self.mapping, DEVICE_KEYS, key=self.key, file=self.file)
        # The statement of a library device stands for its own numbers; a user's file is its own evidence.
        own = evidence[0] if evidence else ""
        profile = Profile(parse_choice(self._need("profile"), [*Profile], **self._at("profile")))
        kind = parse_choice(self._need("kind"), KINDS, **self._at("kind"))
        if kind == "er_yag":
            # The knowledge base's default is that of CO2 tubes.
            self._need("m2")
        m2 = self._uncertain("m2", "1", 1.0, 1000.0, own)
        delivered = self._uncertain("delivered_fraction", "1", 0.05, 1.5, own)
        spread = self._uncertain("energy_spread", "1", 0.0, 0.5, own)
        focus = self._uncertain("focus_offset", "m", -20e-3, 20e-3, own)
        made = Device(
            name=self._text("name", 80),
            title=self._text("title", 120),
            kind=kind,
            wavelength_m=parse_quantity(
                self._need("wavelength"), unit="m", low=2e-6, high=12e-6, **self._at("wavelength")
            ),
            profile=profile,
            order=self._order(profile),
            m2=m2.value,
            spot_diameters_m=self._steps("spot_diameters", "m", *_SPOT_m),
            pulse_pairs=self._pulse_pairs(),
            interval_s=self._steps("intervals", "s", *_INTERVAL_s),
            pulses_max=parse_whole(self._need("pulses_max"), low=1, high=1000, **self._at("pulses_max")),
            passes_max=parse_whole(self._need("passes_max"), low=1, high=100, **self._at("passes_max")),
            average_power_max_W=self._limit("average_power_max", "W", 0.01, 1000.0),
            duty_max=self._limit("duty_max", "1", 1e-4, 1.0),
            delivered_fraction=delivered,
            energy_spread=spread,
            focus_offset=focus,
            source=self._text("source", 300, missing=f"stated in {one_line(self.file or 'the case')}"),
            flag=self._flag(),
            note=self._text("note", 1000, missing=""),
            calibrated=read_calibrated(self.mapping.get("calibrated"), **self._at("calibrated")),
            assumed=tuple(self.assumed),
            evidence=(*(evidence or ()), *(f"device.{name}" for name in self.assumed)),
        )
        self._check_note(made)
        self._check_repeatable(made)
        return made

    def _at(self, name: str) -> dict[str, Any]:
        return {"key": f"{self.key}.{name}", "file": self.file}

    def _need(self, name: str) -> Any:
        return require(
            self.mapping, name, key=self.key, file=self.file, accepted="a value; every device states it"
        )

    def _text(self, name: str, longest: int, *, missing: str | None = None) -> str:
        value = self.mapping.get(name)
        if value is None and missing is not None:
            return missing
        accepted = f"text of 1 to {longest} characters"
        if value is None:
            raise InputError("this is missing", accepted=accepted, **self._at(name))
        if not isinstance(value, str) or not value.strip():
            raise InputError("this is not text", value=value, accepted=accepted, **self._at(name))
        if len(value) > longest:
            raise InputError("the text is too long", value=value, accepted=accepted, **self._at(name))
        return " ".join(value.split())

    def _flag(self) -> str:
        # A device that a clinic typed in from its own panel was seen by the clinic.
        value = self.mapping.get("flag")
        return "read" if value is None else parse_choice(value, FLAGS, **self._at("flag"))

    def _order(self, profile: Profile) -> float:
        value = self.mapping.get("order")
        if profile is not Profile.SUPER_GAUSSIAN:
            if value is not None:
                raise InputError(
                    "only a super_gaussian beam has an order",
                    value=value,
                    accepted="no order with this profile",
                    **self._at("order"),
                )
            return 2.0
        return parse_quantity(self._need("order"), unit="1", low=2.0, high=100.0, **self._at("order"))

    def _limit(self, name: str, unit: str, low: float, high: float) -> float | None:
        value = self.mapping.get(name)
        if value is None:
            return None
        return parse_quantity(value, unit=unit, low=low, high=high, **self._at(name))

    def _uncertain(self, name: str, unit: str, low: float, high: float, own: str) -> Uncertain:
        value = self.mapping.get(name)
        if value is None:
            self.assumed.append(name)
            return load_knowledge().quantity(f"device.{name}").uncertain
        read = parse_measured(value, unit=unit, low=low, high=high, **self._at(name))
        half = _Z_90 * (read.sd or 0.0)
        bottom, top = read.value - half, read.value + half
        if bottom < 0.0 <= low:
            accepted = "a spread that keeps the value above zero: less than 0.6 of the value"
            raise InputError(
                "the spread reaches below zero", value=value, accepted=accepted, **self._at(name)
            )
        return Uncertain(value=read.value, low=bottom, high=top, quantity_id=own)

    def _steps(
        self, name: str, unit: str, low: float, high: float, source: Any = None, at: str = ""
    ) -> tuple[float, ...]:
        section = self.mapping if source is None else source
        inner = f"{at}{name}"
        accepted = f"a list such as [{format_quantity(low, unit)}, ...]"
        if section.get(name) is None:
            raise InputError("this is missing", accepted=accepted, **self._at(inner))
        found = as_list(section[name], accepted=accepted, longest=200, **self._at(inner))
        if not found:
            raise InputError("the list is empty", accepted=accepted, **self._at(inner))
        values = [
            parse_quantity(item, unit=unit, low=low, high=high, **self._at(f"{inner}[{index}]"))
            for index, item in enumerate(found)
        ]
        for index in range(1, len(values)):
            if values[index] <= values[index - 1]:
                problem = "the steps do not ascend"
                where = self._at(f"{inner}[{index}]")
                raise InputError(
                    problem, value=found[index], accepted="each step above the one before", **where
                )
        return tuple(values)

    def _pulse_pairs(self) -> tuple[tuple[float, float], ...]:
        found = self._need("pulses")
        several = isinstance(found, Sequence) and not isinstance(found, str)
        accepted = (
            "mode energies (with peak_power or durations, and energies) or mode powers (powers, durations)"
        )
        modes = as_list(found, accepted=accepted, longest=20, **self._at("pulses")) if several else [found]
        pairs: set[tuple[float, float]] = set()
        for index, mode in enumerate(modes):
            at = f"pulses[{index}]" if several else "pulses"
            pairs.update(self._mode(as_mapping(mode, accepted=accepted, **self._at(at)), at))
        if not pairs:
            raise InputError("no pulse mode is given", accepted=accepted, **self._at("pulses"))
        return tuple(sorted(pairs))

    def _mode(self, mode: dict[str, Any], at: str) -> list[tuple[float, float]]:
        name = parse_choice(mode.get("mode"), ("energies", "powers"), **self._at(f"{at}.mode"))
        inner = f"{at}."
        if name == "powers":
            check_keys(mode, ["mode", "powers", "durations"], key=f"{self.key}.{at}", file=self.file)
            powers = self._steps("powers", "W", *_POWER_W, mode, inner)
            durations = self._steps("durations", "s", *_DURATION_s, mode, inner)
            pairs = [(power * duration, duration) for power in powers for duration in durations]
        else:
            keys = ["mode", "energies", "peak_power", "durations"]
            check_keys(mode, keys, key=f"{self.key}.{at}", file=self.file)
            energies = self._steps("energies", "J", *_ENERGY_J, mode, inner)
            if (mode.get("peak_power") is None) == (mode.get("durations") is None):
                problem = "give either the peak_power or the durations of these energies"
                raise InputError(problem, accepted="exactly one of peak_power, durations", **self._at(at))
            if mode.get("durations") is not None:
                durations = self._steps("durations", "s", *_DURATION_s, mode, inner)
                pairs = [(energy, duration) for energy in energies for duration in durations]
            else:
                low, high = _POWER_W
                where = self._at(f"{inner}peak_power")
                power = parse_quantity(mode["peak_power"], unit="W", low=low, high=high, **where)
                # a derived duration is shown and copied by hand: four digits are finer than any display
                pairs = [(energy, float(f"{energy / power:.4g}")) for energy in energies]
        return [self._possible(pair, at) for pair in pairs]

    def _possible(self, pair: tuple[float, float], at: str) -> tuple[float, float]:
        # 8 mJ from one mode and 2 W x 4 ms from another are one energy: rounding must not part them.
        energy, duration = (float(f"{value:.9g}") for value in pair)
        for value, unit, (low, high), what in (
            (energy, "J", _ENERGY_J, "energy"),
            (duration, "s", _DURATION_s, "duration"),
        ):
            if not low * (1.0 - 1e-9) <= value <= high * (1.0 + 1e-9):
                raise InputError(
                    f"a pulse of {format_quantity(energy, 'J')} in {format_quantity(duration, 's')} follows",
                    accepted=f"a pulse {what} from {format_range(low, high, unit)}",
                    **self._at(at),
                )
        return energy, duration

    def _check_note(self, made: Device) -> None:
        if made.flag != "read" and not made.note:
            problem = f"a device flagged {made.flag} needs a note that says why"
            raise InputError(problem, accepted="text", **self._at("note"))

    def _check_repeatable(self, made: Device) -> None:
        for energy, duration in made.pulse_pairs:
            if not made.intervals_for(energy, duration, pulses=2):
                pulse = f"{format_quantity(energy, 'J')} in {format_quantity(duration, 's')}"
                raise InputError(
                    f"no interval is long enough to repeat a pulse of {pulse} within the device's limits",
                    value=format_quantity(made.interval_s[-1], "s"),
                    accepted="intervals not below the longest pulse, within average_power_max and duty_max",
                    **self._at("intervals"),
                )
