"""A plan after the fact: the wound that was really made takes the place of the planned one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from milia.base import InputError, Interval
from milia.care.aftercare import default_healing
from milia.care.saved import Saved
from milia.knowledge import Knowledge

if TYPE_CHECKING:
    from milia.care.outcome import OutcomeRecord


def as_done(saved: Saved, done: OutcomeRecord, *, start: date, knowledge: Knowledge) -> Saved:
    """Return the plan with what was done: action, and the days until the wound closed or is expected to.

    A day of closure that was seen is taken as it is. A laser wound made with the planned setting heals as
    predicted; any other wound has the wide default of its kind.

    Raises
    ------
    InputError
        If the record belongs to another plan or to another day.
    """
    if done.plan_id != saved.plan_id:
        raise InputError(
            "the record belongs to another plan", key="plan_id", value=done.plan_id, accepted=saved.plan_id
        )
    if done.treated_on != start:
        raise InputError(
            "the record is of another day than the start",
            key="treated_on",
            value=done.treated_on.isoformat(),
            accepted=start.isoformat(),
        )
    healing, basis = saved.healing_days, saved.healing_basis
    if done.action != saved.action or not _as_planned(saved, done):
        healing, basis = default_healing(done.action, knowledge=knowledge)
    if done.healed_day is not None:
        healing, basis = Interval(*[float(done.healed_day)] * 3), "recorded"
    return replace(saved, action=done.action, healing_days=healing, healing_basis=basis)


def _as_planned(saved: Saved, done: OutcomeRecord) -> bool:
    planned = saved.numbers.settings
    if planned is None:
        return done.pulses_fired is None
    fired = (done.pulse_energy_mJ, done.pulse_duration_us, done.spot_diameter_um)
    wanted = (planned.pulse_energy_mJ, planned.pulse_duration_us, planned.spot_diameter_um)
    # As displayed: 833.333 µs in the plan and 833 µs in the record are the same setting.
    same = all(a is not None and abs(a - b) <= 0.01 * b for a, b in zip(fired, wanted, strict=True))
    return same and done.pulses_fired is not None and done.pulses_fired <= planned.pulses * planned.passes
