"""What the records say of one laser's treatments, as a calibration takes it: what counts and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from milia.base import InputError
from milia.records import Acting, Content, Device, Entry, Outcome, Plan, Treatment
from milia.web.i18n import Words, mark
from milia.web.rooms.devices_shots import laser_of, without_calibration
from milia.web.rooms.outcomes import by_id
from milia.web.rooms.outcomes_count import merged
from milia.web.rooms.patients_chart import current

if TYPE_CHECKING:
    from milia.laser import Device as Laser

__all__ = ["Aside", "Recorded", "Used", "recorded_of"]

C = TypeVar("C", bound=Content)
_MOST, _PAGES = 500, 10
_OF_TREATMENT = ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um", "pulses_fired")
_TAKEN = ("plan_id", "treated_on", "action", "interval_ms", "opened", "opened_in_pulses", "healed_day")
UNSIGNED = mark("Its treatment is not signed yet.")
NO_PLAN = mark("Its plan is not in the records, so that roof and size are unknown.")
WHICH_LASER = mark("Its plan names no device of the clinic, and more than one is of this kind.")
NOTHING_SEEN = mark("Nobody recorded yet whether it opened, when it healed or what mark it left.")
CONTRADICTS = mark("What was recorded contradicts itself: {problem}")
CANNOT_COUNT = mark("It cannot be compared: {problem}")


@dataclass(frozen=True, slots=True)
class Used:
    """One treated lesion that counts: where it is found in the records, what it says, what is handed on."""

    label: str
    lesion_id: str
    record: Mapping[str, Any]
    lesion: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Aside:
    """One that does not count: `why` is a marked sentence with its gaps."""

    label: str
    lesion_id: str
    treated_on: str
    why: str
    gaps: Mapping[str, str]

    def said(self, t: Words) -> str:
        """Say why, in somebody's language."""
        return t(self.why, **self.gaps)


@dataclass(frozen=True, slots=True)
class Recorded:
    """All treatments that could be of one device, newest first; `older` says that some were not looked at."""

    used: tuple[Used, ...]
    aside: tuple[Aside, ...]
    older: bool

    def as_content(self) -> dict[str, Any]:
        """Give what the job is handed: settings and what came of them; no name, no date, no notes."""
        english = Words()
        return {
            "lesions": [dict(each.lesion) for each in self.used],
            "set_aside": [{"label": each.label, "why": each.said(english)} for each in self.aside],
        }


def recorded_of(acting: Acting, device_id: str) -> Recorded:
    """Look through the clinic's treatments for those with one device."""
    entry = acting.get(Device, device_id)
    mine = names_of(laser_of(without_calibration(entry.content.definition)))
    alike = [
        each.id
        for each in acting.entries(Device, limit=200)
        if names_of(laser_of(without_calibration(each.content.definition))) & mine
    ]
    treatments, older = _all(acting, Treatment)
    outcomes: dict[str, list[Mapping[str, Any]]] = {}
    seen, more = _all(acting, Outcome)
    for look in current(seen):
        if look.content.treatment_id is not None:
            outcomes.setdefault(look.content.treatment_id, []).append(look.content.record)
    plans = by_id(acting, Plan, {row for each in treatments if (row := each.content.plan_row_id)})
    used: list[Used] = []
    aside: list[Aside] = []
    laser = laser_of(without_calibration(entry.content.definition))
    for number, treatment in enumerate(current(treatments), start=1):
        plan = plans.get(treatment.content.plan_row_id or "")
        found = _judged(
            number, treatment, plan, outcomes.get(treatment.id, ()), (device_id, laser, mine, alike)
        )
        if isinstance(found, Used):
            used.append(found)
        elif found is not None:
            aside.append(found)
    return Recorded(tuple(used), tuple(aside), older or more)


def names_of(laser: Laser) -> frozenset[str]:
    """Give the names under which plans may know a laser, calibrated or not."""
    return frozenset((laser.name, laser.title, f"{laser.name}-calibrated", f"{laser.title}, calibrated"))


def _all(acting: Acting, kind: type[C]) -> tuple[list[Entry[C]], bool]:
    found: list[Entry[C]] = []
    before: int | None = None
    for _ in range(_PAGES):
        page = acting.entries(kind, before=before, limit=_MOST)
        found += page
        if len(page) < _MOST:
            return found, False
        before = page[-1].seq
    return found, True


def _judged(
    number: int,
    treatment: Entry[Treatment],
    plan: Entry[Plan] | None,
    looks: Sequence[Mapping[str, Any]],
    device: tuple[str, Laser, frozenset[str], list[str]],
) -> Used | Aside | None:
    """Say whether a treatment counts; ``None`` where it is plainly not this laser's."""
    device_id, laser, mine, alike = device
    done, plan_id = treatment.content, plan.content.plan_id if plan else "?"
    label = f"outcome {number} (plan {plan_id})"

    def no(why: str, **gaps: str) -> Aside:
        return Aside(label, done.lesion_id, done.treated_on, why, gaps)

    if done.action != "laser":
        return None
    if plan is None:
        return no(NO_PLAN)
    kept = plan.content.plan
    if stated := kept.get("device_id"):
        if stated != device_id:
            return None
    else:
        case = kept["plan"].get("case", {})
        planned = {str(case.get(name)) for name in ("device", "device_title") if case.get(name)}
        if not planned & mine:
            return None
        if len(alike) > 1:
            return no(WHICH_LASER)
    if not treatment.signed:
        return no(UNSIGNED)
    return _joined(label, treatment, kept["plan"], merged(looks), laser) or no(NOTHING_SEEN)


def _joined(
    label: str, treatment: Entry[Treatment], plan: Mapping[str, Any], seen: Mapping[str, Any], laser: Laser
) -> Used | Aside | None:
    from pydantic import ValidationError

    from milia.care import OutcomeRecord, treated_lesion

    done = treatment.content

    def no(why: str, problem: str) -> Aside:
        return Aside(label, done.lesion_id, done.treated_on, why, {"problem": problem})

    taken = {
        name: seen[name] for name in (*_TAKEN, "open_on_day", "mark_week_12") if seen.get(name) is not None
    }
    fired = {name: getattr(done, name) for name in _OF_TREATMENT}
    try:
        record = OutcomeRecord.model_validate({**taken, **fired, "lesion": "1", "action": done.action})
    except ValidationError as error:
        return no(CONTRADICTS, str(error.errors()[0]["msg"]).removeprefix("Value error, "))
    days = (record.healed_day, record.open_on_day)
    if record.opened == record.mark_week_12 == "not_seen" and days == (None, None):
        return None
    try:
        found = treated_lesion(label, record, plan, laser, file="plan")
    except InputError as error:
        return no(CANNOT_COUNT, error.problem)
    if isinstance(found, str):
        return no(CANNOT_COUNT, found)
    return Used(label, done.lesion_id, record.model_dump(mode="json"), found.to_dict())
