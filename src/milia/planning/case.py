"""The case file: one patient, one lesion, one device, read strictly and said back in the same words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milia.base import (
    InputError,
    Measured,
    as_list,
    as_mapping,
    check_keys,
    format_measured,
    format_quantity,
    parse_choice,
    parse_measured,
    parse_quantity,
    parse_whole,
    read_yaml_mapping,
    require,
)
from milia.knowledge import load_knowledge
from milia.laser import Device
from milia.planning.case_devices import read_devices
from milia.planning.case_diagnosis import Diagnosis, read_diagnosis
from milia.planning.limits import Own
from milia.planning.wishes import NamedScenario, goal_dict, read_wishes
from milia.skin import CYST_DIAMETER_m, CYST_ROOF_m, Site, site, sites

__all__ = [
    "HABITS",
    "HISTORY",
    "PREFERABLE",
    "SKIN_TYPES",
    "TREATMENTS",
    "Case",
    "Diagnosis",
    "Lesion",
    "Patient",
    "case_from_mapping",
    "load_case",
    "patient_and_lesion",
]

SEXES = ("female", "male")
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
HISTORY = (
    *("anticoagulant", "atopic_dermatitis", "bleeding_disorder", "blistering_disease", "breastfeeding"),
    *("cold_intolerance", "contact_lenses", "diabetes", "g6pd_deficiency", "heart_block"),
    *("hypertrophic_scar", "immunosuppression", "isotretinoin_6_months", "isotretinoin_now", "keloid"),
    *("lidocaine_allergy", "liver_disease", "methaemoglobinaemia", "pacemaker"),
    *("post_inflammatory_hyperpigmentation", "pregnancy", "recurrent_hsv", "resurfacing", "vemurafenib"),
)
HABITS = ("make_up", "outdoors", "rich_creams", "sensitive_skin", "squeezes")
TREATMENTS = ("extract", "laser", "electrosurgery", "topical_retinoid", "cryotherapy")
PREFERABLE = ("laser", "extract", "electrosurgery", "observe")

# Accepted ranges of the file: beyond them a value is a slip of the pen, not an unusual patient.
_AGE_year = (0.0, 120.0)
_WEIGHT_kg = (0.3, 400.0)
_TOTAL_m = (0.2e-3, 6e-3)
_COUNT = (1, 500)
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Patient:
    """Who is treated; ``history_stated`` is false where the file says nothing, which is not none."""

    age_years: float
    sex: str
    skin_type: str
    history: tuple[str, ...] = ()
    history_stated: bool = True
    weight_kg: float | None = None
    habits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesion:
    """Where the cyst is and how large [m], and which treatments have failed on it.

    ``roof`` is ``None`` where only the atlas knows it.
    """

    site: Site
    diameter: Measured
    roof: Measured | None
    count: int
    diagnosis: Diagnosis
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """Everything a plan starts from.

    Parameters
    ----------
    patient, lesion
        Who and what.
    skin_total
        Measured thickness of epidermis and dermis [m], if there is one.
    device
        The laser at hand.
    opening_m
        Wanted width of the opening [m]; ``None`` leaves it to the planner.
    file
        Name of the file, for messages.
    prefer
        Treatments in the clinic's order of preference; what is not named follows as by default.
    own
        Limits and accepted chances that the case or the clinic set instead of the defaults.
    decide
        How one setting is chosen among those inside the window; ``None`` for the default, ``chance``.
    aim_m
        How far off the cyst's centre a shot lands, one standard deviation along each direction [m].
    named
        Scenarios with a name.
    devices
        All lasers at hand where the case names several; ``device`` is one of them.
    """

    patient: Patient
    lesion: Lesion
    skin_total: Measured | None
    device: Device
    opening_m: float | None
    file: str
    prefer: tuple[str, ...] = ()
    own: Mapping[str, Own] = field(default_factory=dict)
    decide: str | None = None
    aim_m: float | None = None
    named: tuple[NamedScenario, ...] = ()
    devices: tuple[Device, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Say the case back with the keys of a case file, quantities as text with units."""
        patient = self.patient
        lesion = self.lesion
        made: dict[str, Any] = {
            "patient": {
                "age": _age_text(patient.age_years),
                "sex": patient.sex,
                "skin_type": patient.skin_type,
            },
            "lesion": {"site": lesion.site.name, "diameter": format_measured(lesion.diameter, "m")},
            "skin": {},
            "device": [one.name for one in self.devices] if self.devices else self.device.name,
            "goal": goal_dict(self.opening_m, self.own, self.decide),
        }
        if patient.weight_kg is not None:
            made["patient"]["weight"] = format_quantity(patient.weight_kg, "kg")
        if patient.history_stated:
            made["patient"]["history"] = list(patient.history)
        if patient.habits:
            made["patient"]["habits"] = list(patient.habits)
        if lesion.roof is not None:
            made["lesion"]["roof"] = format_measured(lesion.roof, "m")
        made["lesion"]["count"] = lesion.count
        if lesion.failed:
            made["lesion"]["failed"] = list(lesion.failed)
        made["lesion"]["diagnosis"] = {
            "condition": lesion.diagnosis.condition,
            "confirmed": lesion.diagnosis.confirmed,
        }
        if lesion.diagnosis.findings is not None:
            made["lesion"]["diagnosis"]["findings"] = dict(lesion.diagnosis.findings)
        if lesion.diagnosis.reason is not None:
            made["lesion"]["diagnosis"]["reason"] = lesion.diagnosis.reason
        if self.skin_total is not None:
            made["skin"]["total"] = format_measured(self.skin_total, "m")
        if self.aim_m is not None:
            made["aim"] = format_quantity(self.aim_m, "m")
        if self.named:
            made["scenarios"] = [one.to_dict() for one in self.named]
        if self.prefer:
            made["prefer"] = list(self.prefer)
        return made


def load_case(path: str | os.PathLike[str]) -> Case:
    """Read a case file.

    Parameters
    ----------
    path
        YAML file with the keys of ``docs/case-file.md``; a device file it names is looked for beside it.

    Raises
    ------
    InputError
        Naming file, key, value and what would be accepted.
    """
    mapping = read_yaml_mapping(path)
    return case_from_mapping(mapping, file=os.fspath(path), folder=Path(path).parent)


def case_from_mapping(mapping: Mapping[str, Any], *, file: str, folder: Path | None = None) -> Case:
    """Read a case from a mapping with the keys of a case file.

    Parameters
    ----------
    mapping
        The case.
    file
        Name for messages.
    folder
        Where device files named in the case are looked for; ``None`` accepts no device file.

    Raises
    ------
    InputError
        Naming file, key, value and what would be accepted.
    """
    optional = ("skin", "goal", "prefer", "aim", "scenarios")
    accepted = f"patient, lesion, device, and maybe {', '.join(optional)}"
    top = as_mapping(mapping, key="case", file=file, accepted=accepted)
    check_keys(top, ("patient", "lesion", "device", *optional), key=None, file=file)
    patient, lesion = patient_and_lesion(top, file=file, folder=folder)
    wishes = read_wishes(top, lesion.diameter.value, file=file)
    devices = read_devices(top, file=file, folder=folder)
    return Case(
        patient=patient,
        lesion=lesion,
        skin_total=_skin_total(top, file),
        device=devices[0],
        opening_m=wishes.opening_m,
        file=file,
        prefer=_words(top.get("prefer"), PREFERABLE, key="prefer", file=file),
        own=wishes.own,
        decide=wishes.decide,
        aim_m=wishes.aim_m,
        named=wishes.named,
        devices=devices if len(devices) > 1 else (),
    )


def patient_and_lesion(
    mapping: Mapping[str, Any], *, file: str, folder: Path | None = None
) -> tuple[Patient, Lesion]:
    """Read only who is treated and what, with the same checks: a saved plan may name a device not at hand."""
    top = dict(mapping)
    patient = _patient(_section(top, "patient", file), file)
    return patient, _lesion(_section(top, "lesion", file), _skin_total(top, file), file, folder)


def _patient(section: dict[str, Any], file: str) -> Patient:
    known = ("age", "sex", "skin_type", "history", "weight", "habits")
    check_keys(section, known, key="patient", file=file)
    age = parse_quantity(
        _need(section, "patient", "age", file, "an age such as '34 year' or '10 day'"),
        unit="year",
        low=_AGE_year[0],
        high=_AGE_year[1],
        key="patient.age",
        file=file,
    )
    sex = _need(section, "patient", "sex", file, ", ".join(SEXES))
    skin_type = _need(section, "patient", "skin_type", file, ", ".join(SKIN_TYPES))
    weight = section.get("weight")
    return Patient(
        age_years=age,
        sex=parse_choice(sex, SEXES, key="patient.sex", file=file),
        skin_type=parse_choice(skin_type, SKIN_TYPES, key="patient.skin_type", file=file),
        history=_words(section.get("history"), HISTORY, key="patient.history", file=file),
        history_stated=section.get("history") is not None,
        weight_kg=None
        if weight is None
        else parse_quantity(
            weight, unit="kg", low=_WEIGHT_kg[0], high=_WEIGHT_kg[1], key="patient.weight", file=file
        ),
        habits=_words(section.get("habits"), HABITS, key="patient.habits", file=file),
    )


def _words(value: object, known: tuple[str, ...], *, key: str, file: str) -> tuple[str, ...]:
    if value is None:
        return ()
    accepted = "a list of " + ", ".join(known) + "; [] for none"
    words = [
        parse_choice(word, known, key=f"{key}[{index}]", file=file)
        for index, word in enumerate(as_list(value, key=key, file=file, accepted=accepted))
    ]
    for index, word in enumerate(words):
        if word in words[:index]:
            raise InputError(
                "this is written twice",
                file=file,
                key=f"{key}[{index}]",
                value=word,
                accepted="each word once",
            )
    return tuple(words)


def _lesion(section: dict[str, Any], skin_total: Measured | None, file: str, folder: Path | None) -> Lesion:
    known = ("site", "diameter", "roof", "count", "diagnosis", "failed")
    check_keys(section, known, key="lesion", file=file)
    names = [known.name for known in sites()]
    name = _need(section, "lesion", "site", file, ", ".join(names))
    where = site(parse_choice(name, names, key="lesion.site", file=file))
    diameter = parse_measured(
        _need(section, "lesion", "diameter", file, "a length such as '1.0 mm'"),
        unit="m",
        low=CYST_DIAMETER_m[0],
        high=CYST_DIAMETER_m[1],
        key="lesion.diameter",
        file=file,
    )
    count = _need(section, "lesion", "count", file, f"a whole number from {_COUNT[0]} to {_COUNT[1]}")
    return Lesion(
        site=where,
        diameter=diameter,
        roof=_roof(section, where, diameter, skin_total, file),
        count=parse_whole(
            count, low=_COUNT[0], high=_COUNT[1], key="lesion.count", file=file, what="lesions"
        ),
        diagnosis=read_diagnosis(section, file=file, folder=folder),
        failed=_words(section.get("failed"), TREATMENTS, key="lesion.failed", file=file),
    )


def _roof(
    section: dict[str, Any], where: Site, diameter: Measured, skin_total: Measured | None, file: str
) -> Measured | None:
    found = section.get("roof")
    if found is None:
        return None
    key = "lesion.roof"
    roof = parse_measured(found, unit="m", low=CYST_ROOF_m[0], high=CYST_ROOF_m[1], key=key, file=file)
    if skin_total is None:
        thickest, whose = where.total_m.high, f"the skin of this site ({where.title})"
    else:
        thickest, whose = skin_total.value + 2.0 * (skin_total.sd or 0.0), "the skin as measured"
    deepest = thickest - _share_inside() * diameter.value
    if roof.value <= deepest:
        return roof
    thick = format_quantity(float(f"{thickest:.3g}"), "m")
    problem = f"under this roof a cyst of {format_quantity(diameter.value, 'm')} would lie below {whose}"
    if deepest < CYST_ROOF_m[0]:
        accepted = f"a smaller diameter: the skin is at most {thick} thick"
    else:
        limit = format_quantity(float(f"{deepest:.3g}"), "m")
        least = format_quantity(CYST_ROOF_m[0], "m")
        accepted = f"a roof from {least} to {limit}, as the skin is at most {thick} thick"
    raise InputError(problem, file=file, key=key, value=found, accepted=accepted)


def _share_inside() -> float:
    return load_knowledge().quantity("lesion.cyst.embedded_share_least").si


def _skin_total(top: dict[str, Any], file: str) -> Measured | None:
    if top.get("skin") is None:
        return None
    skin = as_mapping(top["skin"], key="skin", file=file, accepted="a section {total: thickness of the skin}")
    check_keys(skin, ("total",), key="skin", file=file)
    if skin.get("total") is None:
        return None
    return parse_measured(
        skin["total"], unit="m", low=_TOTAL_m[0], high=_TOTAL_m[1], key="skin.total", file=file
    )


def _section(top: dict[str, Any], name: str, file: str) -> dict[str, Any]:
    accepted = f"a section with the keys of {name}"
    return as_mapping(
        require(top, name, key=None, file=file, accepted=accepted), key=name, file=file, accepted=accepted
    )


def _need(section: dict[str, Any], key: str, name: str, file: str, accepted: str) -> Any:
    return require(section, name, key=key, file=file, accepted=accepted)


def _age_text(years: float) -> str:
    # Days for a newborn: 0.0273785 year says nothing to a midwife.
    if years < 1.0:
        return f"{years * _DAYS_PER_YEAR:.6g} day"
    return f"{years:.6g} year"
