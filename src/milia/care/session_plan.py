"""A whole session: each group planned, the order arranged, and how many care and anaesthetic allow today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from milia.care.anaesthesia import lidocaine_maximum
from milia.care.clinic import UNNAMED, Clinic
from milia.care.packing import care_pack
from milia.care.plan import plan_case
from milia.knowledge import load_knowledge
from milia.planning import (
    SESSION_EVIDENCE,
    Group,
    Patient,
    Served,
    Session,
    arrange,
    groups_of,
    heat_left,
    session_dict,
)

if TYPE_CHECKING:
    from milia.planning import Effort

Told = Callable[[float, str], None]

NO_LIMIT = ("liver_disease", "heart_block", "lidocaine_allergy", "methaemoglobinaemia")
DAYS_A_YEAR = 365.25
HEAT_SHARE = 0.1


def plan_session(
    session: Session,
    *,
    today: date,
    seed: int = 0,
    clinic: Clinic | None = None,
    effort: Effort | None = None,
    progress: Told | None = None,
) -> dict[str, Any]:
    """Plan several lesions of one patient for one day.

    Parameters
    ----------
    session
        Patient, device and lesions with positions.
    today
        The day it is: a test spot may come first.
    seed
        Of the sampled uncertainties.
    clinic
        The clinic's own protocol.
    effort
        How many scenarios each stage of a plan fires at; ``None`` is the planner's own.
    progress
        Called with the share done and a word for the stage.

    Returns
    -------
    dict
        JSON-ready: order, pauses, what is left and why, limits, total wound, anaesthetic; under ``groups``
        one whole plan for each group.
    """
    groups = groups_of(session)
    plans, served = [], []
    for number, group in enumerate(groups):

        def tell(share: float, words: str, number: int = number, name: str = group.name) -> None:
            if progress:
                progress((number + share) / len(groups), f"group {name}: {words}")

        plan, one = _planned(group, seed, clinic, effort, tell)
        plans.append(plan)
        served.append(one)
    most, why, because = _most(plans, clinic or UNNAMED, today)
    dose = _anaesthetic(session.lesions[0].case.patient)
    if dose["lesions_most"] is not None and dose["lesions_most"] < most:
        most, why, because = (
            dose["lesions_most"],
            "the most lidocaine of this patient is used up",
            "anaesthetic",
        )
    order = arrange(session, served, most=most, why_most=why)
    dose["volume_mL"] = round(dose["per_lesion_mL"] * len(order.steps), 3)
    return session_dict(
        session,
        served,
        order,
        extra={
            "most_today": most,
            "most_today_because": why,
            "most_today_kind": because,
            "anaesthetic": dose,
            "groups": [_group(group, plan) for group, plan in zip(groups, plans, strict=True)],
            "provenance": _provenance(plans, seed),
        },
    )


def _group(group: Group, plan: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": group.name,
        "lesions": list(group.lesions),
        "site": group.case.lesion.site.name,
        "action": plan["action"],
        "headline": plan["headline"],
        "settings": plan["settings"],
        "p_open": plan["p_open"],
        "p_harm": plan["p_harm"],
        "plan": plan,
    }


def _planned(
    group: Group, seed: int, clinic: Clinic | None, effort: Effort | None, tell: Told
) -> tuple[dict[str, Any], Served]:
    until_heat = 1.0 - HEAT_SHARE
    found = plan_case(
        group.case,
        seed=seed,
        progress=lambda share, words: tell(until_heat * share, words),
        clinic=clinic,
        effort=effort,
    )
    plan = found.to_dict()
    if plan["action"] != "laser" or found.laser is None or found.laser.recommended is None:
        return plan, Served(group, plan["action"], 0.0, 0.0, 0.0, None)
    settings = found.laser.recommended.settings
    heat = heat_left(
        group.case, settings, seed=seed, progress=lambda share: tell(until_heat + HEAT_SHARE * share, "heat")
    )
    most = _times_first(plan)
    heat = replace(heat, left_J=most * heat.left_J, rise_K=most * heat.rise_K)
    wound = plan["predicted"]["wound_width_um"]
    total = settings.pulse_energy_J
    return plan, Served(group, "laser", total, 1e-6 * wound["p50"], 1e-6 * wound["p95"], heat)


def _times_first(plan: dict[str, Any]) -> float:
    """Return the energy of a whole series with looks over that of the first pulse; one go counts as it is.

    All pulses that the series may take, as if they came together: what cools between looks is not counted.
    """
    series = plan.get("strategy") or {}
    if not series.get("look") or not series.get("pulses"):
        return 1.0
    fired = [float(one["pulse_energy_mJ"]) for one in series["pulses"]]
    return sum(fired) / fired[0]


def _most(plans: Sequence[dict[str, Any]], clinic: Clinic, today: date) -> tuple[int, str, str]:
    """Return how many lesions care allows today, why, and the kind of reason."""
    found: list[tuple[int, str, str]] = []
    for plan in plans:
        if plan["action"] != "laser":
            continue
        sessions = care_pack(plan, start=today, clinic=clinic, today=today).sessions
        if sessions is None:
            continue
        if sessions.test_spot:
            found.append((sessions.today, "a test spot comes first in this patient", "test_spot"))
        else:
            found.append((sessions.today, f"no more than {sessions.today} lesions in one session", "batch"))
    return min(found, default=(0, "no group is treated with the laser", "no_laser"))


def _anaesthetic(patient: Patient) -> dict[str, Any]:
    """Return the infiltrate of one lesion and how many the patient's limit allows."""
    each = 1e6 * load_knowledge().quantity("planning.session.infiltrate").si
    made: dict[str, Any] = {
        "drug": "lidocaine 1 % without adrenaline",
        "per_lesion_mL": round(each, 3),
        "per_lesion_flag": "memory",
        "limit_mL": None,
        "limit_mg": None,
        "lesions_most": None,
        "basis": "no_weight",
        "note": "without a weight no limit is computed",
    }
    if any(word in patient.history for word in NO_LIMIT):
        made["basis"] = "history"
        made["note"] = "this patient's history forbids a computed limit"
    elif patient.weight_kg is not None:
        plain = lidocaine_maximum(patient.weight_kg, DAYS_A_YEAR * patient.age_years)[0]
        made["basis"] = "weight"
        made["limit_mL"], made["limit_mg"] = plain.maximum_mL, plain.maximum_mg
        made["lesions_most"] = int(plain.maximum_mL / each + 1e-9)
        made["note"] = f"the most for {patient.weight_kg:g} kg is {plain.maximum_mg:g} mg"
    return made


def _provenance(plans: Sequence[dict[str, Any]], seed: int) -> dict[str, Any]:
    first = plans[0]["provenance"]
    return {
        "version": first["version"],
        "seed": seed,
        "evidence": list(SESSION_EVIDENCE),
        "disclaimer": first["disclaimer"],
    }
