"""Between the form of a treatment or a look and the outcome record that a study reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from milia.base import InputError
from milia.care import OUTCOME_COLUMNS, OutcomeRecord
from milia.records import Decision, Entry, Outcome, Plan, Treatment
from milia.web.i18n import mark
from milia.web.pages_ask import Form
from milia.web.rooms.patients_chart import LesionView
from milia.web.rooms.plans_live import with_looks

__all__ = [
    "OF_TREATMENT",
    "checked_record",
    "day_of",
    "first_record",
    "looked",
    "planned",
    "treatment_fields",
]

OF_TREATMENT = (
    *("plan_id", "treated_on", "action", "session", "device", "pulse_energy_mJ", "pulse_duration_us"),
    *("spot_diameter_um", "interval_ms", "pulses_fired", "opened", "opened_in_pulses", "emptied"),
)
"""The columns of an outcome record that are entered with the treatment."""
# A look in these weeks after treatment counts as the one that the record keeps for week 6 or 12.
_WEEK_6, _WEEK_12 = (3, 9), (9, 26)
_DAYS_IN_WEEK = 7


def planned(plan: Entry[Plan] | None, decision: Entry[Decision] | None) -> dict[str, Any]:
    """Give what was decided, to fill the form in with: the plan's setting, or that of the override."""
    if plan is None:
        return {"action": "observe"}
    content = plan.content.plan["plan"]
    if decision is not None and decision.content.instead:
        instead = decision.content.instead
        keys = {
            "pulse_energy_mJ": "energy_mJ",
            "pulse_duration_us": "duration_us",
            "spot_diameter_um": "spot_um",
            "interval_ms": "interval_ms",
            "pulses_fired": "pulses",
        }
        return {"action": instead["action"], **{name: instead.get(key) for name, key in keys.items()}}
    made: dict[str, Any] = {"action": content["action"]}
    if settings := content.get("settings"):
        for name in ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um", "interval_ms"):
            made[name] = float(f"{settings[name]:.4g}")
        # After how many pulses a series with looks stopped is seen, not known before.
        made["pulses_fired"] = None if with_looks(content) else settings["pulses"]
    return made


def treatment_fields(form: Form) -> dict[str, Any]:
    """Read what was really done; only a laser fires."""
    action = form.text("action")
    fields: dict[str, Any] = {"action": action, "notes": form.maybe("notes")}
    fired = ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um")
    for name in fired:
        fields[name] = form.number(name) if action == "laser" else None
        if action == "laser" and fields[name] is None:
            raise InputError(mark("Enter what was really fired."), key=name, accepted=mark("a number"))
    fields["pulses_fired"] = form.whole("pulses_fired") if action == "laser" else None
    return fields


def first_record(
    form: Form, view: LesionView, plan: Entry[Plan], treated: Mapping[str, Any], *, session: int
) -> dict[str, Any]:
    """Give the outcome record that a treatment begins: what was done, and what was seen at once."""
    laser = treated["action"] == "laser"
    opened = form.maybe("opened", "not_seen")
    record: dict[str, Any] = {
        "plan_id": plan.content.plan_id,
        "lesion": str(view.number),
        "treated_on": treated["treated_on"],
        "action": treated["action"],
        "session": session,
        "sessions": session,
        "opened": opened,
        "emptied": form.maybe("emptied", "not_seen"),
    }
    if laser:
        record |= {
            name: treated[name]
            for name in ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um", "pulses_fired")
        }
        record["interval_ms"] = form.number("interval_ms")
        record["device"] = str(plan.content.plan["plan"]["case"].get("device_title", ""))[:80] or None
        if opened == "yes":
            record["opened_in_pulses"] = form.whole("opened_in_pulses", treated["pulses_fired"])
    return checked_record(record)


def day_of(treatment: Entry[Treatment], seen_on: date) -> int:
    """Give the day after the treatment on which it was seen; a look before it is a problem."""
    day = (seen_on - date.fromisoformat(treatment.content.treated_on)).days
    if day < 0:
        raise InputError(
            mark("This day lies before the treatment."),
            key="seen_on",
            value=seen_on.isoformat(),
            accepted=treatment.content.treated_on,
        )
    return day


def looked(form: Form, treatment: Entry[Treatment], known: Entry[Outcome] | None, day: int) -> dict[str, Any]:
    """Give the record with what was seen at one look; what was not tapped stays as it was."""
    record: dict[str, Any] = dict(known.content.record) if known else {}
    week = max(1, round(day / _DAYS_IN_WEEK))
    observed = treatment.content.action == "observe"
    wound = form.maybe("wound")
    if wound == "closed" and day == 0:
        raise InputError(
            mark("No wound closes on the day of treatment."),
            key="wound",
            value=wound,
            accepted=mark("still open"),
        )
    if wound == "closed" and not observed:
        record["healed_day"] = day
    elif wound == "open":
        record["open_on_day"], record["healed_day"] = day, None
    if observed and form.maybe("gone") == "yes":
        record["gone_by_itself_week"] = week
    for name in ("opened", "emptied", "infection", "eye_trouble", "scab"):
        if said := form.maybe(name):
            record[name] = said
    if record.get("opened") != "yes":
        record["opened_in_pulses"] = None
    elif treatment.content.action == "laser" and not record.get("opened_in_pulses"):
        record["opened_in_pulses"] = record.get("pulses_fired")
    for first, last, which in ((*_WEEK_6, 6), (*_WEEK_12, 12)):
        if first <= week < last:
            if left := form.maybe("mark"):
                record[f"mark_week_{which}"] = left
            if itch := form.maybe("itch"):
                record[f"itch_week_{which}"] = itch
    if form.maybe("back") == "yes":
        record["recurrence_week"] = week
    elif form.maybe("back") == "no":
        record["recurrence_week"] = None
    for name in ("pain", "satisfaction", "new_lesions"):
        if form.maybe(name):
            record[name] = form.whole(name)
    if note := " ".join(form.maybe("note").split()):
        record["note"] = note
    return checked_record(record)


def checked_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Check a record as `milia` reads one, and give it as JSON."""
    kept = {name: record[name] for name in OUTCOME_COLUMNS if record.get(name) is not None}
    return OutcomeRecord.model_validate(kept).model_dump(mode="json")
