"""The ways of treating that a study compares, as its file names them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milia.base import (
    InputError,
    as_list,
    as_mapping,
    check_keys,
    format_quantity,
    parse_choice,
    parse_flag,
    parse_quantity,
    parse_whole,
    require,
)
from milia.laser import Device

KINDS = ("planned", "robust", "stepwise", "single", "nominal", "fixed", "reference")
DECISIONS = ("chance", "expected", "worst_case", "cvar", "minimax_regret")
TREATMENTS = ("extract", "electrosurgery", "observe")
MOST_POLICIES = 12
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+×-]{0,39}")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "planned": (),
    "robust": ("decision",),
    "stepwise": (),
    "single": (),
    "nominal": (),
    "fixed": ("pulse_energy", "pulse_duration", "spot_diameter", "pulses", "interval", "look"),
    "reference": ("treatment",),
}


@dataclass(frozen=True)
class Fixed:
    """One setting for everybody, SI; with ``look`` it is fired pulse by pulse, at most ``pulses``."""

    pulse_energy_J: float
    pulse_duration_s: float
    spot_diameter_m: float
    pulses: int
    interval_s: float
    look: bool


@dataclass(frozen=True)
class Policy:
    """One way of treating: its name in the study, its kind, and what its kind needs."""

    name: str
    kind: str
    decision: str = "chance"
    fixed: Fixed | None = None
    treatment: str = ""

    @property
    def planned(self) -> bool:
        """Whether a plan for each group of patients has to be computed."""
        return self.kind in ("planned", "robust", "stepwise", "single", "nominal")

    def to_dict(self) -> dict[str, Any]:
        """Say the policy back as a study file writes it."""
        made: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.kind == "robust":
            made["decision"] = self.decision
        if self.kind == "reference":
            made["treatment"] = self.treatment
        if self.fixed is not None:
            made |= {
                "pulse_energy": format_quantity(self.fixed.pulse_energy_J, "J"),
                "pulse_duration": format_quantity(self.fixed.pulse_duration_s, "s"),
                "spot_diameter": format_quantity(self.fixed.spot_diameter_m, "m"),
                "pulses": self.fixed.pulses,
                "interval": format_quantity(self.fixed.interval_s, "s"),
                "look": self.fixed.look,
            }
        return made


def read_policies(value: object, devices: Sequence[Device], *, file: str) -> tuple[Policy, ...]:
    """Read the list of policies; every fixed setting must be one that all devices deliver.

    Raises
    ------
    InputError
        Naming file, key, value and what would be accepted.
    """
    accepted = f"a list of 1 to {MOST_POLICIES} sections with name and kind ({', '.join(KINDS)})"
    listed = as_list(value, key="policies", file=file, accepted=accepted, longest=MOST_POLICIES)
    if not listed:
        raise InputError("there is no policy", file=file, key="policies", value="[]", accepted=accepted)
    made = tuple(_policy(one, f"policies[{i}]", devices, file) for i, one in enumerate(listed))
    names = [policy.name for policy in made]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise InputError(
                "this name is used twice",
                file=file,
                key=f"policies[{i}].name",
                value=name,
                accepted="each once",
            )
    if all(policy.kind == "reference" for policy in made):
        raise InputError(
            "nothing is simulated", file=file, key="policies", accepted="a policy that uses a laser"
        )
    return made


def _policy(value: object, key: str, devices: Sequence[Device], file: str) -> Policy:
    section = as_mapping(value, key=key, file=file, accepted="a section with name and kind")
    kind = parse_choice(
        require(section, "kind", key=key, file=file, accepted=", ".join(KINDS)),
        KINDS,
        key=f"{key}.kind",
        file=file,
    )
    check_keys(section, ("name", "kind", *_KEYS[kind]), key=key, file=file)
    name = require(section, "name", key=key, file=file, accepted="a short name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(
            "this is not a short name",
            file=file,
            key=f"{key}.name",
            value=name,
            accepted="1 to 40 letters, digits, blanks and . _ + × -, a letter or digit first",
        )
    decision = section.get("decision")
    return Policy(
        name=name,
        kind=kind,
        decision=parse_choice(decision or "chance", DECISIONS, key=f"{key}.decision", file=file),
        fixed=_fixed(section, key, devices, file) if kind == "fixed" else None,
        treatment=parse_choice(
            require(section, "treatment", key=key, file=file, accepted=", ".join(TREATMENTS)),
            TREATMENTS,
            key=f"{key}.treatment",
            file=file,
        )
        if kind == "reference"
        else "",
    )


def _fixed(section: Mapping[str, Any], key: str, devices: Sequence[Device], file: str) -> Fixed:
    def length(name: str, unit: str, low: float, high: float) -> float:
        found = require(section, name, key=key, file=file, accepted="a quantity with its unit")
        return parse_quantity(found, unit=unit, low=low, high=high, key=f"{key}.{name}", file=file)

    look = section.get("look")
    made = Fixed(
        pulse_energy_J=length("pulse_energy", "J", 1e-4, 10.0),
        pulse_duration_s=length("pulse_duration", "s", 1e-6, 1.0),
        spot_diameter_m=length("spot_diameter", "m", 20e-6, 10e-3),
        pulses=parse_whole(
            require(section, "pulses", key=key, file=file, accepted="a whole number from 1 to 10"),
            low=1,
            high=10,
            key=f"{key}.pulses",
            file=file,
        ),
        interval_s=length("interval", "s", 1e-4, 60.0),
        look=False if look is None else parse_flag(look, key=f"{key}.look", file=file),
    )
    for device in devices:
        try:
            device.settings(
                pulse_energy_J=made.pulse_energy_J,
                pulse_duration_s=made.pulse_duration_s,
                spot_diameter_m=made.spot_diameter_m,
                interval_s=made.interval_s,
                pulses=1 if made.look else made.pulses,
            )
        except InputError as error:
            raise InputError(
                error.problem,
                file=file,
                key=f"{key}.{(error.key or '').removeprefix('settings.')}",
                value=error.value,
                accepted=error.accepted,
            ) from None
    return made
