"""What a case asks of the planner: own limits, a way to decide, the hand's aim, scenarios by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.base import (
    InputError,
    as_list,
    as_mapping,
    check_keys,
    format_quantity,
    parse_choice,
    parse_quantity,
    require,
)
from milia.planning.limits import WRITTEN, Own, ZERO_degC, read_limits, read_shares
from milia.skin import CYST_DIAMETER_m, CYST_ROOF_m

MODES = ("chance", "expected", "worst", "cvar", "regret")
AIM_m = (0.0, 0.5e-3)
OPENING_MIN_m = 0.05e-3
MOST_NAMED = 8
LONGEST_NAME = 60
# together they leave half of the probability to the skins that are drawn
MOST_WEIGHT = 0.5
# what a scenario may set: the key in the file, the input it sets, its unit and accepted range
SETTABLE: Mapping[str, tuple[str, str, float, float]] = {
    "roof": ("roof", "m", *CYST_ROOF_m),
    "diameter": ("diameter", "m", *CYST_DIAMETER_m),
    "skin": ("total", "m", 0.2e-3, 6e-3),
    "epidermis": ("epidermis", "m", 20e-6, 0.3e-3),
    "stratum_corneum": ("stratum_corneum", "m", 5e-6, 0.1e-3),
    "water": ("water_scale", "1", 0.8, 1.2),
    "temperature": ("temperature", "degC", 20.0, 42.0),
    "delivered": ("delivered", "1", 0.2, 1.5),
    "pulse_spread": ("pulse_spread", "1", -0.5, 0.5),
    "focus": ("focus", "m", -5e-3, 5e-3),
    "aim": ("aim", "m", *AIM_m),
}


@dataclass(frozen=True)
class NamedScenario:
    """A situation with a name: inputs that are what it says, all others as uncertain as in the case.

    ``weight`` is its probability; at 0 it is shown and counts nothing. ``inputs`` are SI.
    """

    name: str
    weight: float
    inputs: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Say it back with the keys of a case file."""
        made: dict[str, Any] = {"name": self.name, "weight": self.weight}
        for key, (name, unit, _, _) in SETTABLE.items():
            if name in self.inputs:
                value = self.inputs[name] - (ZERO_degC if unit == "degC" else 0.0)
                plain = float(f"{value:.9g}")
                made[key] = plain if unit == "1" else format_quantity(plain, unit)
        return made


@dataclass(frozen=True)
class Wishes:
    """The optional parts of a case that say how to plan, rather than for whom."""

    opening_m: float | None
    own: Mapping[str, Own]
    decide: str | None
    aim_m: float | None
    named: tuple[NamedScenario, ...]


def read_wishes(top: Mapping[str, Any], diameter_m: float, *, file: str) -> Wishes:
    """Read ``goal``, ``aim`` and ``scenarios`` of a case; InputError names what is not accepted."""
    goal = _goal(top, file)
    opening = goal.get("opening")
    own = {
        **read_limits(goal.get("limits"), key="goal.limits", file=file, whose="case"),
        **read_shares(goal, key="goal", file=file, whose="case"),
    }
    decide, aim = goal.get("decide"), top.get("aim")
    return Wishes(
        opening_m=None
        if opening is None
        else parse_quantity(
            opening, unit="m", low=OPENING_MIN_m, high=diameter_m, key="goal.opening", file=file
        ),
        own=own,
        decide=None if decide is None else parse_choice(decide, MODES, key="goal.decide", file=file),
        aim_m=None
        if aim is None
        else parse_quantity(aim, unit="m", low=AIM_m[0], high=AIM_m[1], key="aim", file=file),
        named=_scenarios(top.get("scenarios"), file),
    )


def _goal(top: Mapping[str, Any], file: str) -> dict[str, Any]:
    if top.get("goal") is None:
        return {}
    known = ("opening", "p_open", "p_harm", "p_severe", "limits", "decide")
    goal = as_mapping(
        top["goal"], key="goal", file=file, accepted=f"a section with any of {', '.join(known)}"
    )
    check_keys(goal, known, key="goal", file=file)
    return goal


def _scenarios(found: object, file: str) -> tuple[NamedScenario, ...]:
    if found is None:
        return ()
    accepted = f"a list of at most {MOST_NAMED} scenarios, each with a name and what is different in it"
    listed = as_list(found, key="scenarios", file=file, accepted=accepted, longest=MOST_NAMED)
    made: list[NamedScenario] = []
    for index, entry in enumerate(listed):
        key = f"scenarios[{index}]"
        one = _scenario(as_mapping(entry, key=key, file=file, accepted=accepted), key, file)
        if one.name in {other.name for other in made}:
            raise InputError(
                "this name is written twice",
                file=file,
                key=f"{key}.name",
                value=one.name,
                accepted="each name once",
            )
        made.append(one)
    total = sum(one.weight for one in made)
    if total > MOST_WEIGHT + 1e-12:
        raise InputError(
            "the weights of the scenarios add up to too much",
            file=file,
            key="scenarios",
            value=f"{total:g}",
            accepted=f"at most {MOST_WEIGHT:g} together: the rest belongs to the skins that are drawn",
        )
    return tuple(made)


def _scenario(entry: Mapping[str, Any], key: str, file: str) -> NamedScenario:
    check_keys(entry, ("name", "weight", *SETTABLE), key=key, file=file)
    name = require(entry, "name", key=key, file=file, accepted="a name such as 'thick roof'")
    said = " ".join(name.split()) if isinstance(name, str) else ""
    if not said or len(said) > LONGEST_NAME or not said.isprintable():
        raise InputError(
            "this is not a name",
            file=file,
            key=f"{key}.name",
            value=name,
            accepted=f"text of 1 to {LONGEST_NAME} characters",
        )
    weight = entry.get("weight")
    inputs = {}
    for word, (target, unit, low, high) in SETTABLE.items():
        if entry.get(word) is not None:
            value = parse_quantity(entry[word], unit=unit, low=low, high=high, key=f"{key}.{word}", file=file)
            inputs[target] = value + (ZERO_degC if unit == "degC" else 0.0)
    if not inputs:
        raise InputError(
            "nothing is different in this scenario",
            file=file,
            key=key,
            value=said,
            accepted=f"one or more of {', '.join(SETTABLE)}",
        )
    return NamedScenario(
        name=said,
        weight=0.0
        if weight is None
        else parse_quantity(weight, unit="1", low=0.0, high=MOST_WEIGHT, key=f"{key}.weight", file=file),
        inputs=inputs,
    )


def goal_dict(opening_m: float | None, own: Mapping[str, Own], decide: str | None) -> dict[str, Any]:
    """Say the section ``goal`` back with the keys of a case file; what a clinic set is not in it."""
    made: dict[str, Any] = {}
    if opening_m is not None:
        made["opening"] = format_quantity(opening_m, "m")
    limits: dict[str, dict[str, Any]] = {}
    for name, mine in own.items():
        if mine.whose != "case":
            continue
        limit, _, level = name.partition(".")
        if not level:
            made[name] = mine.value
        elif WRITTEN[limit][0] == "1":
            limits.setdefault(limit, {})[level] = mine.value
        else:
            limits.setdefault(limit, {})[level] = format_quantity(mine.value, WRITTEN[limit][0])
    if limits:
        made["limits"] = limits
    if decide is not None:
        made["decide"] = decide
    return made
