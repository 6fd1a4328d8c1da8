"""Recorded outcomes beside the plans they belong to: what a calibration can learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milia.base import InputError, Interval

if TYPE_CHECKING:
    from milia.calibration import TreatedLesion
    from milia.care import OutcomeRecord
    from milia.laser import Device

MOST_PLANS = 5000


@dataclass(frozen=True)
class Treated:
    """Lesions that can be learnt from, and (label, why) of the records that cannot."""

    lesions: tuple[TreatedLesion, ...]
    aside: tuple[tuple[str, str], ...]


def read_treated(outcomes: Path, plans: Path | None, device: Device) -> Treated:
    """Read outcome records and the saved plans they name.

    Parameters
    ----------
    outcomes
        What `milia care` wrote and the clinic filled in.
    plans
        Folder of saved plans (``*.json``); that of the outcomes by default.
    device
        Whose lesions count; those of other devices are set aside by name.
    """
    from milia.care import read_outcomes

    records = read_outcomes(outcomes)
    known = _plans(plans or outcomes.parent)
    lesions, aside = [], []
    for number, record in enumerate(records, start=1):
        label = f"outcome {number} (lesion {record.lesion}, plan {record.plan_id})"
        why = _unusable(record, known, device)
        if why:
            aside.append((label, why))
            continue
        made = _lesion(label, record, known[record.plan_id], device, file=str(outcomes))
        if isinstance(made, str):
            aside.append((label, made))
        else:
            lesions.append(made)
    return Treated(tuple(lesions), tuple(aside))


def _plans(folder: Path) -> dict[str, Mapping[str, Any]]:
    from milia.care import plan_hash
    from milia.cli.plan_file import read_plan

    if not folder.is_dir():
        raise InputError(
            "the folder does not exist", key="--plans", value=str(folder), accepted="an existing one"
        )
    paths = sorted(folder.glob("*.json"))
    if len(paths) > MOST_PLANS:
        raise InputError("too many files", key="--plans", value=len(paths), accepted=f"at most {MOST_PLANS}")
    found: dict[str, Mapping[str, Any]] = {}
    for path in paths:
        try:
            plan = read_plan(path)
        except InputError:
            continue  # other JSON files may lie beside the plans
        found[plan_hash(plan, file=str(path))[:12]] = plan
    return found


def _unusable(record: OutcomeRecord, known: Mapping[str, Any], device: Device) -> str | None:
    if record.action != "laser":
        return f"it was not treated with a laser but by {record.action}"
    if record.plan_id not in known:
        return "its plan is not among the saved ones (--plans), so that roof and size are unknown"
    planned = known[record.plan_id].get("case", {}).get("device")
    fired = record.device or planned
    if fired not in (device.name, device.title, f"{device.name}-calibrated"):
        return f"it was treated with another device, {fired}"
    return None


def _lesion(
    label: str, record: OutcomeRecord, plan: Mapping[str, Any], device: Device, *, file: str
) -> TreatedLesion | str:
    from milia.calibration import TreatedLesion
    from milia.laser import Settings
    from milia.planning import patient_and_lesion

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


def _total(case: Mapping[str, Any], *, file: str) -> Any:
    from milia.base import parse_measured

    found = (case.get("skin") or {}).get("total")
    if found is None:
        return None
    return parse_measured(found, unit="m", low=0.2e-3, high=6e-3, key="skin.total", file=file)
