"""The study file: a cohort, its operators, and its policies; read strictly, said back in full."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from milia.base import (
    InputError,
    as_mapping,
    check_keys,
    format_quantity,
    parse_choice,
    parse_quantity,
    parse_whole,
    read_yaml_mapping,
    require,
)
from milia.calibration import Marginal
from milia.knowledge import load_knowledge
from milia.laser import Device, device, load_device
from milia.planning import SKIN_TYPES
from milia.skin import CYST_DIAMETER_m, CYST_ROOF_m, sites
from milia.study.policies import Policy, read_policies
from milia.study.spread import YEAR_s, known_spread, read_spread, written

TOP = (
    "name",
    "patients",
    "seed",
    "cohort",
    "operator",
    "opening",
    "groups",
    "sessions",
    "without_window",
    "effort",
    "policies",
)
AIM_ID = "planning.aim.offset"
# stage, fewest skins with which it works, skins by default
EFFORT = (("screen", 2, 6), ("refine", 4, 24), ("final", 16, 96))
WITHOUT_WINDOW = ("best_try", "extract")
SEXES = ("female", "male")
MOST_PATIENTS = 1_000_000
MOST_SESSIONS = 10
_LONGEST_NAME = 120
_HEAVIEST = 1e6
# what a reading error, a hand and a dial may be wrong by; more is a slip of the pen
_READING_m = (-0.5e-3, 0.5e-3)
_AIM_m = (0.0, 1e-3)
_OPENING_m = (0.05e-3, 3e-3)
_ENERGY = (0.2, 2.0)


@dataclass(frozen=True)
class Weighted:
    """Words with their shares, in the order of the file; the shares sum to one."""

    words: tuple[str, ...]
    shares: tuple[float, ...]

    def at(self, u: float) -> str:
        """Return the word at a quantile."""
        below = 0.0
        for word, share in zip(self.words, self.shares, strict=True):
            below += share
            if u < below:
                return word
        return self.words[-1]

    def to_dict(self) -> dict[str, float]:
        """Give the shares by word."""
        return {word: round(share, 6) for word, share in zip(self.words, self.shares, strict=True)}


@dataclass(frozen=True)
class Operator:
    """How far hand and eye are off, SI; ``aim_m`` is the standard deviation along each direction."""

    roof_reading: Marginal
    diameter_reading: Marginal
    aim_m: float
    energy: Marginal


@dataclass(frozen=True)
class Effort:
    """How many simulated skins each stage of a group's plan is counted in."""

    screen: int
    refine: int
    final: int


@dataclass(frozen=True)
class Study:
    """Everything that decides the numbers of a study; where ``roof`` is ``None`` the atlas holds."""

    name: str
    patients: int
    seed: int
    sites: Weighted
    devices: Weighted
    skin_types: Weighted
    sexes: Weighted
    age_years: Marginal
    diameter: Marginal
    roof: Marginal | None
    operator: Operator
    opening_m: float | None
    roof_step_m: float
    diameter_step_m: float
    sessions: int
    without_window: str
    effort: Effort
    policies: tuple[Policy, ...]
    lasers: tuple[Device, ...]
    evidence: tuple[str, ...]

    def laser(self, name: str) -> Device:
        """Return the device of that name."""
        return next(found for found in self.lasers if found.name == name)

    @property
    def simulated(self) -> tuple[Policy, ...]:
        """The policies that fire a laser."""
        return tuple(policy for policy in self.policies if policy.kind != "reference")

    def to_dict(self) -> dict[str, Any]:
        """Say the study back with the keys of its file, nothing left out."""
        return {
            "name": self.name,
            "patients": self.patients,
            "seed": self.seed,
            "cohort": {
                "sites": self.sites.to_dict(),
                "devices": self.devices.to_dict(),
                "skin_types": self.skin_types.to_dict(),
                "sexes": self.sexes.to_dict(),
                "age": written(self.age_years, "year"),
                "diameter": written(self.diameter, "m"),
                "roof": written(self.roof, "m") if self.roof else "as the atlas has it for the site",
            },
            "operator": {
                "roof_reading": written(self.operator.roof_reading, "m"),
                "diameter_reading": written(self.operator.diameter_reading, "m"),
                "aim": format_quantity(self.operator.aim_m, "m"),
                "energy": written(self.operator.energy, "1"),
            },
            "opening": format_quantity(self.opening_m, "m") if self.opening_m else "as the cyst asks for",
            "groups": {
                "roof_step": format_quantity(self.roof_step_m, "m"),
                "diameter_step": format_quantity(self.diameter_step_m, "m"),
            },
            "sessions": self.sessions,
            "without_window": self.without_window,
            "effort": {
                "screen": self.effort.screen,
                "refine": self.effort.refine,
                "final": self.effort.final,
            },
            "policies": [policy.to_dict() for policy in self.policies],
        }


def load_study(path: str | os.PathLike[str]) -> Study:
    """Read a study file.

    Raises
    ------
    InputError
        Naming file, key, value and what would be accepted.
    """
    return study_from_mapping(read_yaml_mapping(path), file=os.fspath(path), folder=Path(path).parent)


def study_from_mapping(mapping: Mapping[str, Any], *, file: str, folder: Path | None = None) -> Study:
    """Read a study from a mapping with the keys of its file; device files lie in ``folder``."""
    top = as_mapping(mapping, key="study", file=file, accepted=", ".join(TOP))
    check_keys(top, TOP, key=None, file=file)
    cohort = _section(
        top, "cohort", ("sites", "devices", "skin_types", "sexes", "age", "diameter", "roof"), file
    )
    steps = _section(top, "groups", ("roof_step", "diameter_step"), file)
    effort = _section(top, "effort", ("screen", "refine", "final"), file)
    used: list[str] = []
    lasers, devices = _devices(cohort, file, folder, used)

    def spread(name: str, id: str, unit: str, low: float, high: float, per: float = 1.0) -> Marginal:
        if cohort.get(name) is not None:
            key = f"cohort.{name}"
            return read_spread(cohort[name], name=name, unit=unit, low=low, high=high, key=key, file=file)
        used.append(id)
        return known_spread(id, name=name, per=per)

    sites_named = [where.name for where in sites() if where.case_name and where.laser_allowed]
    return Study(
        name=_name(top, file),
        patients=_whole(top, "patients", 2, MOST_PATIENTS, file, what="patients"),
        seed=_whole(top, "seed", 0, 2**31 - 1, file, default=0),
        sites=_weights(cohort, "sites", sites_named, file, used),
        devices=devices,
        skin_types=_weights(cohort, "skin_types", SKIN_TYPES, file, used),
        sexes=_weights(cohort, "sexes", SEXES, file, used),
        age_years=spread("age", "study.cohort.age", "year", 0.0, 120.0, per=YEAR_s),
        diameter=spread("diameter", "study.cohort.diameter", "m", *CYST_DIAMETER_m),
        roof=None
        if cohort.get("roof") is None
        else read_spread(
            cohort["roof"],
            name="roof",
            unit="m",
            low=CYST_ROOF_m[0],
            high=CYST_ROOF_m[1],
            key="cohort.roof",
            file=file,
        ),
        operator=_operator(top, file, used),
        opening_m=None
        if top.get("opening") is None
        else parse_quantity(
            top["opening"], unit="m", low=_OPENING_m[0], high=_OPENING_m[1], key="opening", file=file
        ),
        roof_step_m=_step(steps, "roof_step", 50e-6, (5e-6, 500e-6), file),
        diameter_step_m=_step(steps, "diameter_step", 500e-6, (50e-6, 3e-3), file),
        sessions=_sessions(top, file, used),
        without_window=parse_choice(
            top.get("without_window") or "extract", WITHOUT_WINDOW, key="without_window", file=file
        ),
        effort=Effort(
            *(
                _whole(effort, f"effort.{name}", least, 4096, file, default=default, what="simulated skins")
                for name, least, default in EFFORT
            )
        ),
        policies=read_policies(
            require(top, "policies", key=None, file=file, accepted="a list of policies"), lasers, file=file
        ),
        lasers=lasers,
        evidence=tuple(dict.fromkeys(used)),
    )


def _section(top: Mapping[str, Any], name: str, known: tuple[str, ...], file: str) -> dict[str, Any]:
    if top.get(name) is None:
        return {}
    section = as_mapping(top[name], key=name, file=file, accepted=f"a section with {', '.join(known)}")
    check_keys(section, known, key=name, file=file)
    return section


def _name(top: Mapping[str, Any], file: str) -> str:
    found = require(top, "name", key=None, file=file, accepted="a title")
    if not isinstance(found, str) or not 0 < len(found.strip()) <= _LONGEST_NAME or not found.isprintable():
        accepted = f"one line of 1 to {_LONGEST_NAME} characters"
        raise InputError("this is not a title", file=file, key="name", value=found, accepted=accepted)
    return found.strip()


def _whole(
    section: Mapping[str, Any],
    key: str,
    low: int,
    high: int,
    file: str,
    *,
    default: int | None = None,
    what: str = "",
) -> int:
    name = key.rpartition(".")[2]
    if section.get(name) is None and default is not None:
        return default
    accepted = f"a whole number{what and ' of ' + what} from {low} to {high}"
    found = require(section, name, key=key.rpartition(".")[0] or None, file=file, accepted=accepted)
    return parse_whole(found, low=low, high=high, key=key, file=file, what=what)


def _weights(
    section: Mapping[str, Any], name: str, known: Sequence[str], file: str, used: list[str]
) -> Weighted:
    """Read words with their weights, or take those of the knowledge base."""
    key = f"cohort.{name}"
    if section.get(name) is None:
        found = load_knowledge().statement(f"study.cohort.{name}")
        used.append(found.id)
        return _shares(found.extra["weights"], key, file)
    accepted = f"a section of weights for any of {', '.join(known)}"
    given = as_mapping(section[name], key=key, file=file, accepted=accepted)
    for word in given:
        parse_choice(word, tuple(known), key=key, file=file)
    return _shares(given, key, file)


def _shares(given: Mapping[str, Any], key: str, file: str) -> Weighted:
    for word, weight in given.items():
        good = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not good or not 0.0 <= weight <= _HEAVIEST:
            raise InputError(
                "this is not a weight",
                file=file,
                key=f"{key}.{word}",
                value=weight,
                accepted=f"a number from 0 to {_HEAVIEST:g}",
            )
    whole = float(sum(given.values()))
    if not whole > 0.0:
        raise InputError(
            "no weight is above zero", file=file, key=key, accepted="at least one weight above 0"
        )
    kept = {word: weight / whole for word, weight in given.items() if weight > 0.0}
    return Weighted(tuple(kept), tuple(kept.values()))


def _devices(
    cohort: Mapping[str, Any], file: str, folder: Path | None, used: list[str]
) -> tuple[tuple[Device, ...], Weighted]:
    """Read the devices and their shares; a name that ends in .yaml is a device file beside the study."""
    given = cohort.get("devices")
    if given is None:
        found = load_knowledge().statement("study.cohort.devices")
        used.append(found.id)
        given = found.extra["weights"]
    accepted = "a section of weights by device, such as {generic-superpulse-co2: 1}"
    named = as_mapping(given, key="cohort.devices", file=file, accepted=accepted)
    lasers = {}
    for name in named:
        from_file = name.lower().endswith((".yaml", ".yml")) and folder is not None
        lasers[name] = (
            load_device(folder / name)
            if folder and from_file
            else device(name, file=file, key="cohort.devices")
        )
    shares = _shares(named, "cohort.devices", file)
    names = [lasers[name].name for name in shares.words]
    if len(set(names)) < len(names):
        raise InputError(
            "two devices have one name", file=file, key="cohort.devices", accepted="each name once"
        )
    return tuple(lasers[name] for name in shares.words), Weighted(tuple(names), shares.shares)


def _operator(top: Mapping[str, Any], file: str, used: list[str]) -> Operator:
    names = ("roof_reading", "diameter_reading", "aim", "energy")
    section = _section(top, "operator", names, file)

    def spread(name: str, unit: str, low: float, high: float) -> Marginal:
        if section.get(name) is None:
            used.append(f"study.operator.{name}")
            return known_spread(f"study.operator.{name}", name=name)
        key = f"operator.{name}"
        return read_spread(section[name], name=name, unit=unit, low=low, high=high, key=key, file=file)

    aim = section.get("aim")
    if aim is None:
        used.append(AIM_ID)
    return Operator(
        roof_reading=spread("roof_reading", "m", *_READING_m),
        diameter_reading=spread("diameter_reading", "m", *_READING_m),
        aim_m=load_knowledge().quantity(AIM_ID).si
        if aim is None
        else parse_quantity(aim, unit="m", low=_AIM_m[0], high=_AIM_m[1], key="operator.aim", file=file),
        energy=spread("energy", "1", *_ENERGY),
    )


def _step(
    section: Mapping[str, Any], name: str, default: float, limits: tuple[float, float], file: str
) -> float:
    if section.get(name) is None:
        return default
    low, high = limits
    return parse_quantity(section[name], unit="m", low=low, high=high, key=f"groups.{name}", file=file)


def _sessions(top: Mapping[str, Any], file: str, used: list[str]) -> int:
    id = "study.sessions.most"
    if top.get("sessions") is None:
        used.append(id)
    most = round(load_knowledge().quantity(id).si)
    return _whole(top, "sessions", 1, MOST_SESSIONS, file, default=most, what="sessions")
