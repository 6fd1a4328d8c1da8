"""The keys of a saved plan that its care rests on, with types and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from milia.base import InputError, one_line

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow", frozen=True, allow_inf_nan=False)


class Percentiles(_Part):
    p05: float = Field(ge=0.0)
    p50: float = Field(ge=0.0)
    p95: float = Field(ge=0.0)

    @model_validator(mode="after")
    def _in_order(self) -> Percentiles:
        if not self.p05 <= self.p50 <= self.p95:
            raise ValueError("the percentiles are not in order")
        return self


class Bounds(_Part):
    low: Probability
    high: Probability


class Certainty(_Part):
    p_open: Bounds
    p_harm: Bounds
    scenarios: int = Field(ge=1)
    rests_on: list[str]


class DialledSettings(_Part):
    pulse_energy_mJ: float = Field(gt=0.0)
    pulse_duration_us: float = Field(gt=0.0)
    spot_diameter_um: float = Field(gt=0.0)
    pulses: int = Field(ge=1)
    interval_ms: float = Field(ge=0.0)
    passes: int = Field(ge=1)
    fluence_J_cm2: float = Field(gt=0.0)


class Window(_Part):
    exists: bool


class PlannedAftercare(_Part):
    healing_days: Percentiles | None
    healing_basis: str | None


class Origin(_Part):
    version: str
    seed: int
    evidence: list[str]


class SavedPlan(_Part):
    """A plan of the current schema; further keys are kept and not looked at."""

    schema_version: str
    case: dict[str, Any]
    action: Literal["laser", "extract", "electrosurgery", "observe", "refer", "assess_first"]
    headline: str
    reasons: list[str]
    settings: DialledSettings | None
    strategy: dict[str, Any] | None = None
    predicted: dict[str, Percentiles] | None
    p_open: Probability | None
    p_harm: Probability | None
    certainty: Certainty | None
    window: Window
    warnings: list[str]
    aftercare: PlannedAftercare
    provenance: Origin


def checked(plan: Mapping[str, Any], *, file: str) -> SavedPlan:
    """Return the plan's keys as typed values.

    Raises
    ------
    InputError
        Naming the first key that is missing, of the wrong type, out of range, or missing for its action.
    """
    try:
        found = SavedPlan.model_validate(dict(plan))
    except ValidationError as error:
        _refuse(error, file=file)
    if not isinstance(found.case.get("device_kind"), str):
        raise InputError("this is missing", file=file, key="case.device_kind", accepted="the kind of laser")
    for name in ("settings", "predicted", "p_open", "p_harm", "certainty"):
        if (getattr(found, name) is None) == (found.action == "laser"):
            laser = "a laser plan" if found.action == "laser" else "a plan without a laser"
            raise InputError(
                f"{laser} {'needs this' if found.action == 'laser' else 'has none'}",
                file=file,
                key=name,
                value="null" if getattr(found, name) is None else plan[name],
                accepted="a plan as `milia plan --json` wrote it",
            )
    if found.action == "laser" and not found.window.exists:
        raise InputError(
            "a laser plan without a window", file=file, key="window.exists", value=False, accepted="true"
        )
    return found


def _refuse(error: ValidationError, *, file: str) -> NoReturn:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "plan"
    missing = first["type"] == "missing"
    message = str(first["msg"]).removeprefix("Value error, ")
    raise InputError(
        "this is missing" if missing else one_line(message[:1].lower() + message[1:], 200),
        file=file,
        key=key,
        value=None if missing else _shown(first["input"]),
        accepted="a plan as `milia plan --json` wrote it",
    ) from None


def _shown(value: object) -> object:
    return "null" if value is None else value
