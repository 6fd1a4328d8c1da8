"""Several lesions in one session: the file or mapping, and the groups that share settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from milia.base import (
    InputError,
    Measured,
    as_list,
    as_mapping,
    check_keys,
    parse_choice,
    parse_quantity,
    read_yaml_mapping,
    require,
)
from milia.knowledge import load_knowledge
from milia.planning.case import Case, case_from_mapping, load_case

TOP = ("patient", "device", "skin", "goal", "prefer", "frame", "pace", "lesions")
OWN = ("name", "at", "case")
LESION = ("site", "diameter", "roof", "diagnosis", "failed")
FRAMES = ("face", "plane")
MOST_LESIONS = 100
REACH_m = 0.15
PACE_s = (1.0, 600.0)
LONGEST_NAME = 40
AT = "two lengths from -150 mm to 150 mm, such as ['12 mm', '-4 mm']"


@dataclass(frozen=True)
class SessionLesion:
    """One lesion: its name, where it is [m] (x to the patient's left, y up), and its case."""

    name: str
    x_m: float
    y_m: float
    case: Case

    def distance_m(self, other: SessionLesion) -> float:
        """Return the distance between two lesions along the map [m]."""
        return float(np.hypot(self.x_m - other.x_m, self.y_m - other.y_m))


@dataclass(frozen=True)
class Session:
    """What is to be treated together; ``pace_s`` is the time from lesion to lesion."""

    file: str
    lesions: tuple[SessionLesion, ...]
    pace_s: float
    pace_stated: bool
    frame: str


@dataclass(frozen=True)
class Group:
    """Lesions that one plan and one setting serve; its case has the spread of their diameters."""

    name: str
    lesions: tuple[str, ...]
    case: Case


def load_session(path: str | os.PathLike[str]) -> Session:
    """Read a session file; InputError names file, key, value and what is accepted."""
    return session_from_mapping(read_yaml_mapping(path), file=os.fspath(path), folder=Path(path).parent)


def session_from_mapping(top: Mapping[str, Any], *, file: str, folder: Path | None = None) -> Session:
    """Read a session from a mapping with the keys of a session file.

    Parameters
    ----------
    top
        The session.
    file
        Name for messages.
    folder
        Where cases and devices named in it are looked for; ``None`` accepts no such files.
    """
    check_keys(top, TOP, key=None, file=file)
    accepted = "a list of lesions with name, at, and a case or its own keys"
    listed = as_list(
        require(top, "lesions", key=None, file=file, accepted=accepted), key="lesions", file=file,
        accepted=accepted, longest=MOST_LESIONS,
    )  # fmt: skip
    if not listed:
        raise InputError("the list is empty", file=file, key="lesions", accepted=accepted)
    lesions = tuple(
        _lesion(one, f"lesions[{n}]", top, len(listed), file, folder) for n, one in enumerate(listed)
    )
    _check(lesions, file)
    pace = top.get("pace")
    return Session(
        file=file,
        lesions=lesions,
        pace_s=load_knowledge().quantity("planning.session.pace").si
        if pace is None
        else parse_quantity(pace, unit="s", low=PACE_s[0], high=PACE_s[1], key="pace", file=file),
        pace_stated=pace is not None,
        frame=parse_choice(top.get("frame", "face"), FRAMES, key="frame", file=file),
    )


def _lesion(
    found: Any, key: str, top: Mapping[str, Any], count: int, file: str, folder: Path | None
) -> SessionLesion:
    accepted = "a section with name, at, and either case or the keys of a lesion"
    section = as_mapping(found, key=key, file=file, accepted=accepted)
    check_keys(section, (*OWN, *LESION, "goal"), key=key, file=file)
    name = require(section, "name", key=key, file=file, accepted="a short name")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise InputError(
            "this is not a name",
            file=file,
            key=f"{key}.name",
            value=name,
            accepted="text of up to 40 characters",
        )
    x, y = _at(section, key, file)
    where = f"{file}: {key}"
    if section.get("case") is not None:
        own = [word for word in (*LESION, "goal") if section.get(word) is not None]
        if own or not isinstance(section["case"], str) or folder is None:
            raise InputError(
                "a case says all about its lesion" if own else "this is not a file name", file=file,
                key=f"{key}.{own[0] if own else 'case'}", value=section.get(own[0] if own else "case"),
                accepted="name, at and case alone",
            )  # fmt: skip
        case = load_case(folder / section["case"])
        case = replace(case, lesion=replace(case.lesion, count=count))
    else:
        shared = {word: top[word] for word in ("patient", "device", "skin", "goal", "prefer") if word in top}
        if section.get("goal") is not None:
            shared["goal"] = section["goal"]
        lesion = {word: section[word] for word in LESION if word in section}
        made = {**shared, "lesion": {**lesion, "count": count}}
        case = case_from_mapping(made, file=where, folder=folder)
    return SessionLesion(name.strip(), x, y, case)


def _at(section: Mapping[str, Any], key: str, file: str) -> tuple[float, float]:
    found = as_list(
        require(section, "at", key=key, file=file, accepted=AT),
        key=f"{key}.at",
        file=file,
        accepted=AT,
        longest=2,
    )
    if len(found) != 2:
        raise InputError("a position has two lengths", file=file, key=f"{key}.at", value=found, accepted=AT)
    x, y = (
        parse_quantity(part, unit="m", low=-REACH_m, high=REACH_m, key=f"{key}.at[{n}]", file=file)
        for n, part in enumerate(found)
    )
    return x, y


def _check(lesions: Sequence[SessionLesion], file: str) -> None:
    first = lesions[0]
    for n, one in enumerate(lesions):
        for other in lesions[:n]:
            if one.name == other.name:
                raise InputError(
                    "this name is used twice", file=file, key=f"lesions[{n}].name", value=one.name,
                    accepted="each name once",
                )  # fmt: skip
            if one.distance_m(other) < 0.5 * (
                one.case.lesion.diameter.value + other.case.lesion.diameter.value
            ):
                raise InputError(
                    f"this lesion lies over {other.name}", file=file, key=f"lesions[{n}].at",
                    value=f"{1e3 * one.distance_m(other):.2g} mm apart",
                    accepted="positions at least half the sum of the diameters apart",
                )  # fmt: skip
        if one.case.patient != first.case.patient or one.case.device.name != first.case.device.name:
            what = "patient" if one.case.patient != first.case.patient else "device"
            raise InputError(
                f"the {what} is another than that of {first.name}", file=file, key=f"lesions[{n}]",
                value=one.name, accepted="one patient and one device in a session",
            )  # fmt: skip


def groups_of(session: Session) -> tuple[Group, ...]:
    """Return the groups that share settings, in order of first appearance.

    Lesions of one site with the same roof, skin, goal and diagnosis, whose diameters differ by no more than a
    stated ratio. A group is planned for its mean diameter with the spread of its diameters.
    """
    ratio = load_knowledge().quantity("planning.session.diameter_ratio").si
    alike: dict[str, list[SessionLesion]] = {}
    for one in session.lesions:
        lesion = one.case.lesion
        key = repr(
            (
                lesion.site.name,
                lesion.roof,
                lesion.diagnosis,
                lesion.failed,
                one.case.skin_total,
                one.case.opening_m,
            )
        )
        alike.setdefault(key, []).append(one)
    found: list[list[SessionLesion]] = []
    for members in alike.values():
        part: list[SessionLesion] = []
        for one in sorted(members, key=lambda m: (m.case.lesion.diameter.value, m.name)):
            if part and one.case.lesion.diameter.value > ratio * part[0].case.lesion.diameter.value * (
                1 + 1e-9
            ):
                found.append(part)
                part = []
            part.append(one)
        found.append(part)
    names = [one.name for one in session.lesions]
    found.sort(key=lambda part: min(names.index(one.name) for one in part))
    return tuple(_group(chr(65 + n % 26) * (1 + n // 26), part) for n, part in enumerate(found))


def _group(name: str, part: Sequence[SessionLesion]) -> Group:
    values = np.array([one.case.lesion.diameter.value for one in part])
    own = max((one.case.lesion.diameter.sd or 0.0) for one in part)
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    sd = float(np.hypot(own, spread))
    first = part[0].case
    diameter = Measured(float(f"{values.mean():.6g}"), float(f"{sd:.3g}") if sd > 0.0 else None)
    case = replace(first, lesion=replace(first.lesion, diameter=diameter))
    return Group(name, tuple(one.name for one in part), case)
