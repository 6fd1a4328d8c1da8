"""Approvals and overrides: records of their own beside the plan, chained so that a change is noticed."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from milia.base import InputError, nearest, one_line, write_atomically
from milia.laser import Settings
from milia.planning.case import Case
from milia.planning.types import Candidate

FIRST = "0" * 64
AS_WRITTEN = "approvals as they were written"
MAX_BYTES = 16 << 20
LONGEST_NAME, LONGEST_REASON = 120, 2000
SHORTEST_REASON = 3
KINDS = ("approval", "override")
# what may be overridden: key, field of the settings, factor to SI, whether it is a count
KEYS: Mapping[str, tuple[str, float, bool]] = {
    "pulse_energy_mJ": ("pulse_energy_J", 1e-3, False),
    "pulse_duration_us": ("pulse_duration_s", 1e-6, False),
    "spot_diameter_um": ("spot_diameter_m", 1e-6, False),
    "pulses": ("pulses", 1.0, True),
    "interval_ms": ("interval_s", 1e-3, False),
    "passes": ("passes", 1.0, True),
}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@dataclass(frozen=True)
class Approval:
    """One record: who approved which plan, when and why; with an override, its settings and chances.

    ``previous`` is the hash of the record before it, ``hash`` that of this one with everything else in it.
    """

    kind: str
    by: str
    when: str
    plan_id: str
    plan_hash: str
    reason: str
    override: Mapping[str, float] | None
    settings: Mapping[str, Any] | None
    p_open: float | None
    p_harm: float | None
    p_severe: float | None
    inside: bool | None
    previous: str
    hash: str = ""

    def digest(self) -> str:
        """Return what ``hash`` must be."""
        content = {key: value for key, value in asdict(self).items() if key != "hash"}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def approvals_path(plan: str | os.PathLike[str]) -> Path:
    """Return where the approvals of a plan lie: ``PLAN.approvals.jsonl`` beside it."""
    path = Path(plan)
    return path.with_name(f"{path.stem}.approvals.jsonl")


def read_approvals(path: Path) -> tuple[Approval, ...]:
    """Return the records of a file, oldest first; none where there is no file.

    Raises
    ------
    InputError
        Naming the first line that is not a record, or that was changed, taken out or put in since.
    """
    file = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError(f"the file cannot be read ({(error.strerror or '').lower()})", file=file) from None
    if len(data) > MAX_BYTES:
        raise InputError("the file is larger than 16 MiB", file=file)
    found: list[Approval] = []
    previous = FIRST
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8 text", file=file, accepted=AS_WRITTEN) from None
    for number, line in enumerate(lines, start=1):
        record = _record(line, number, file)
        if record.previous != previous:
            raise InputError(
                "a record before this one was taken out, put in or changed", file=file, key=f"line {number}",
                accepted=AS_WRITTEN,
            )  # fmt: skip
        if record.digest() != record.hash:
            raise InputError(
                "this record was changed after it was written", file=file, key=f"line {number}",
                accepted=AS_WRITTEN,
            )  # fmt: skip
        previous = record.hash
        found.append(record)
    return tuple(found)


def _record(line: str, number: int, file: str) -> Approval:
    try:
        content = json.loads(line)
        record = Approval(**content)
        if record.kind not in KINDS or not _INSTANT.fullmatch(record.when):
            raise ValueError("kind or time")
    except (ValueError, TypeError, RecursionError):
        raise InputError(
            "this is not an approval",
            file=file,
            key=f"line {number}",
            accepted=AS_WRITTEN,
        ) from None
    return record


def approve(
    path: Path,
    *,
    plan_hash: str,
    by: str,
    reason: str,
    when: datetime,
    override: Mapping[str, float] | None = None,
    counted: Candidate | None = None,
) -> Approval:
    """Add a record to a file of approvals and return it; earlier records are checked first and never touched.

    Parameters
    ----------
    path
        The file, see `approvals_path`.
    plan_hash
        Of the plan as saved.
    by, reason
        Who, and why.
    when
        The moment, with its time zone.
    override, counted
        What is set otherwise than planned, and what was counted with it.
    """
    who = _line(by, "--by", LONGEST_NAME, 1)
    why = _line(reason, "--reason", LONGEST_REASON, SHORTEST_REASON)
    earlier = read_approvals(path)
    made = Approval(
        kind="override" if override else "approval",
        by=who,
        when=_utc(when),
        plan_id=plan_hash[:12],
        plan_hash=plan_hash,
        reason=why,
        override=dict(override) if override else None,
        settings=counted.settings.to_dict() if counted else None,
        p_open=counted.p_open if counted else None,
        p_harm=counted.p_harm if counted else None,
        p_severe=counted.p_severe if counted else None,
        inside=counted.inside if counted else None,
        previous=earlier[-1].hash if earlier else FIRST,
    )
    made = replace(made, hash=made.digest())
    lines = [json.dumps(asdict(one), ensure_ascii=False, allow_nan=False) for one in (*earlier, made)]
    write_atomically(path, "\n".join(lines) + "\n")
    return made


def _utc(when: datetime) -> str:
    from datetime import UTC

    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(text: str, key: str, longest: int, shortest: int) -> str:
    cleaned = " ".join(text.split())
    if not shortest <= len(cleaned) <= longest or not cleaned.isprintable():
        raise InputError(
            "this is not usable text", key=key, value=text, accepted=f"{shortest} to {longest} characters"
        )
    return cleaned


def read_overrides(words: Sequence[str]) -> dict[str, float]:
    """Read ``KEY=VALUE`` words; an unknown key or a value that is no number is refused by name."""
    found: dict[str, float] = {}
    for word in words:
        key, sign, text = word.partition("=")
        key = key.strip()
        if not sign or key not in KEYS:
            close = nearest(key, tuple(KEYS))
            raise InputError(
                f"this cannot be overridden{f'; did you mean {close}?' if close else ''}",
                key="--override", value=one_line(word), accepted=", ".join(f"{name}=VALUE" for name in KEYS),
            )  # fmt: skip
        if key in found:
            raise InputError("this is given twice", key="--override", value=key, accepted="each key once")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0.0 < value < 1e9 or (KEYS[key][2] and value != round(value)):
            raise InputError(
                "this is not a possible value", key=f"--override {key}", value=text,
                accepted="a whole number from 1" if KEYS[key][2] else "a number above 0, in the key's unit",
            )  # fmt: skip
        found[key] = value
    return found


def overridden(planned: Settings, override: Mapping[str, float], case: Case) -> Settings:
    """Return the planned settings with the override, checked against what the device can deliver.

    Where only the energy changes, the duration follows as the device gives it.
    """
    changes: dict[str, Any] = {}
    for key, value in override.items():
        field, scale, count = KEYS[key]
        changes[field] = round(value) if count else value * scale
    if "pulse_energy_J" in changes and "pulse_duration_s" not in changes:
        durations = [d for e, d in case.device.pulse_pairs if abs(e - changes["pulse_energy_J"]) <= 1e-6 * e]
        if durations and not any(abs(d - planned.pulse_duration_s) <= 1e-6 * d for d in durations):
            changes["pulse_duration_s"] = min(durations)
    made = replace(planned, **changes)
    case.device.check(made, key="--override")
    if made.passes > 1 and made.pulses > 1:
        raise InputError(
            "stacked pulses in several passes are not counted", key="--override passes", value=made.passes,
            accepted="one pass, or one pulse a pass",
        )  # fmt: skip
    return made


def count_setting(case: Case, settings: Settings, *, seed: int, scenarios: int) -> Candidate:
    """Fire one setting at the plan's simulated skins with the full engine; return what it opens and harms."""
    from milia.planning.evaluate import Evaluator
    from milia.planning.goals import goals_for
    from milia.planning.outcomes import Shot
    from milia.planning.scenarios import make_scenarios

    goals = goals_for(case)
    drawn = make_scenarios(case, goals, count=scenarios, seed=seed)
    looked = settings.passes > 1
    total = settings.pulses * settings.passes
    evaluator = Evaluator(case.device, drawn.items, goals, total)
    shot = Shot(
        spot_diameter_m=settings.spot_diameter_m,
        pulse_energy_J=settings.pulse_energy_J,
        pulse_duration_s=settings.pulse_duration_s,
        interval_s=settings.interval_s,
        looked=looked,
    )
    evaluator.ensure([shot], scenarios)
    found = evaluator.candidate(shot, total)
    return replace(found, settings=settings)
