"""Recorded outcomes beside the plans they belong to: what a calibration can learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milia.base import InputError

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
    from milia.care import read_outcomes, treated_lesion

    records = read_outcomes(outcomes)
    known = _plans(plans or outcomes.parent)
    lesions, aside = [], []
    for number, record in enumerate(records, start=1):
        label = f"outcome {number} (lesion {record.lesion}, plan {record.plan_id})"
        why = _unusable(record, known, device)
        if why:
            aside.append((label, why))
            continue
        made = treated_lesion(label, record, known[record.plan_id], device, file=str(outcomes))
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
