"""From an outcome record and its plan to what a calibration takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from milia.base import Interval, Measured, parse_measured
from milia.planning import patient_and_lesion

if TYPE_CHECKING:
    from milia.calibration import TreatedLesion
    from milia.care.outcome import OutcomeRecord
    from milia.laser import Device


def treated_lesion(
    label: str, record: OutcomeRecord, plan: Mapping[str, Any], device: Device, *, file: str
) -> TreatedLesion | str:
    """Return what a calibration takes of a laser record and the plan it belongs to, or why it takes nothing.

    Parameters
    ----------
    label, record, plan
        Its name in the report, what was recorded, and the saved plan that roof and size come from.
    device
        Whose lesion it is.
    file
        Name for messages.
    """
    from milia.calibration import TreatedLesion
    from milia.laser import Settings

    case = {key: plan["case"].get(key) for key in ("patient", "lesion", "skin")}
    _, lesion = patient_and_lesion(case, file=f"plan {record.plan_id}")
    assert record.pulse_energy_mJ is not None
    assert record.pulse_duration_us is not None
    assert record.spot_diameter_um is not None
    assert record.pulses_fired is not None
    fired = Settings(
        pulse_energy_J=1e-3 * record.pulse_energy_mJ,
        pulse_duration_s=1e-6 * record.pulse_duration_us,
        spot_diameter_m=1e-6 * record.spot_diameter_um,
        pulses=record.pulses_fired,
        interval_s=max(1e-3 * (record.interval_ms or 0.0), 1e-6 * record.pulse_duration_us),
        passes=1,
    )
    if record.pulses_fired > device.pulses_max * device.passes_max:
        return f"{record.pulses_fired} pulses are more than this device fires"
    days = (plan.get("predicted") or {}).get("healing_days")
    return TreatedLesion(
        label=label,
        plan_id=record.plan_id,
        site=lesion.site,
        diameter=lesion.diameter,
        roof=lesion.roof,
        total=_total(plan["case"], file=file),
        opening_m=1e-6 * float(plan["goals"]["opening_um"] or 1e6 * 0.4 * lesion.diameter.value),
        settings=fired,
        opened=record.opened,
        opened_in=record.opened_in_pulses,
        healed_day=record.healed_day,
        open_on_day=record.open_on_day,
        mark=record.mark_week_12,
        predicted_days=Interval(days["p05"], days["p50"], days["p95"]) if days else None,
        p_harm=plan.get("p_harm"),
    )


def _total(case: Mapping[str, Any], *, file: str) -> Measured | None:
    found = (case.get("skin") or {}).get("total")
    if found is None:
        return None
    return parse_measured(found, unit="m", low=0.2e-3, high=6e-3, key="skin.total", file=file)
