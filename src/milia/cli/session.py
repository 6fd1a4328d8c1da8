"""`milia session`: several lesions on one day: groups, order, pauses, limits, wound, anaesthetic, a map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from milia.base import write_atomically
from milia.cli.output import check_target, console, print_json
from milia.cli.progress import progress

if TYPE_CHECKING:
    from milia.care import Clinic
    from milia.planning import Patient

NO_LIMIT = ("liver_disease", "heart_block", "lidocaine_allergy", "methaemoglobinaemia")
DAYS_A_YEAR = 365.25


def command(
    session_file: Annotated[
        Path, typer.Argument(metavar="SESSION.yaml", help="Patient, device and lesions with positions.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    picture: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.svg", help="Write the map.", show_default=False)
    ] = None,
    clinic: Annotated[
        Path | None, typer.Option("--clinic", metavar="CLINIC.yaml", help="The clinic's own protocol.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the sampled uncertainties.")] = 0,
) -> None:
    """Plan several lesions of one patient for one session."""
    if picture is not None:
        check_target(picture, suffixes=(".svg",), option="--map", source=session_file)
    from milia.care import UNNAMED, load_clinic
    from milia.planning import arrange, groups_of, load_session, session_dict

    session = load_session(session_file)
    who = load_clinic(clinic) if clinic else None
    groups = groups_of(session)
    with progress("planning the groups") as told:
        plans, served = [], []
        for number, group in enumerate(groups):

            def tell(share: float, words: str, number: int = number, name: str = group.name) -> None:
                told((number + share) / len(groups), f"group {name}: {words}")

            plan, one = _planned(group, seed, who, tell)
            plans.append(plan)
            served.append(one)
    patient = session.lesions[0].case.patient
    most, why = _most(plans, who or UNNAMED)
    dose = _anaesthetic(patient)
    if dose["lesions_most"] is not None and dose["lesions_most"] < most:
        most, why = dose["lesions_most"], "the most lidocaine of this patient is used up"
    order = arrange(session, served, most=most, why_most=why)
    dose["volume_mL"] = round(dose["per_lesion_mL"] * len(order.steps), 3)
    made = session_dict(
        session,
        served,
        order,
        extra={
            "most_today": most,
            "most_today_because": why,
            "anaesthetic": dose,
            "groups": [
                {
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
                for group, plan in zip(groups, plans, strict=True)
            ],
            "provenance": _provenance(plans, seed),
        },
    )
    if picture is not None:
        from milia.report import render_session_map

        write_atomically(picture, render_session_map(made))
    if json:
        print_json(made)
        return
    _print(made)
    if picture is not None:
        typer.echo(f"Map: {picture.resolve()}")


def _planned(group: Any, seed: int, clinic: Clinic | None, tell: Any) -> tuple[dict[str, Any], Any]:
    from milia.care import plan_case
    from milia.planning import Served, heat_left

    found = plan_case(
        group.case, seed=seed, progress=lambda share, words: tell(0.9 * share, words), clinic=clinic
    )
    plan = found.to_dict()
    if plan["action"] != "laser" or found.laser is None or found.laser.recommended is None:
        return plan, Served(group, plan["action"], 0.0, 0.0, 0.0, None)
    settings = found.laser.recommended.settings
    heat = heat_left(group.case, settings, seed=seed, progress=lambda share: tell(0.9 + 0.1 * share, "heat"))
    wound = plan["predicted"]["wound_width_um"]
    total = settings.pulse_energy_J
    return plan, Served(group, "laser", total, 1e-6 * wound["p50"], 1e-6 * wound["p95"], heat)


def _most(plans: list[dict[str, Any]], clinic: Clinic) -> tuple[int, str]:
    """Return how many lesions care allows today, and why: its batch, the clinic's own, or a test spot."""
    from milia.care import care_pack

    today = date.today()
    found: list[tuple[int, str]] = []
    for plan in plans:
        if plan["action"] != "laser":
            continue
        sessions = care_pack(plan, start=today, clinic=clinic, today=today).sessions
        if sessions is not None:
            why = (
                "a test spot comes first in this patient"
                if sessions.test_spot
                else f"no more than {sessions.today} lesions in one session"
            )
            found.append((sessions.today, why))
    return min(found, default=(0, "no group is treated with the laser"))


def _anaesthetic(patient: Patient) -> dict[str, Any]:
    """Return the infiltrate of one lesion and how many the patient's limit allows."""
    from milia.care import lidocaine_maximum
    from milia.knowledge import load_knowledge

    each = 1e6 * load_knowledge().quantity("planning.session.infiltrate").si
    made: dict[str, Any] = {
        "drug": "lidocaine 1 % without adrenaline",
        "per_lesion_mL": round(each, 3),
        "per_lesion_flag": "memory",
        "limit_mL": None,
        "lesions_most": None,
        "note": "without a weight no limit is computed",
    }
    if any(word in patient.history for word in NO_LIMIT):
        made["note"] = "this patient's history forbids a computed limit"
    elif patient.weight_kg is not None:
        plain = lidocaine_maximum(patient.weight_kg, DAYS_A_YEAR * patient.age_years)[0]
        made["limit_mL"] = plain.maximum_mL
        made["lesions_most"] = int(plain.maximum_mL / each + 1e-9)
        made["note"] = f"the most for {patient.weight_kg:g} kg is {plain.maximum_mg:g} mg"
    return made


def _provenance(plans: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    from milia.planning import SESSION_EVIDENCE

    first = plans[0]["provenance"]
    return {
        "version": first["version"],
        "seed": seed,
        "evidence": list(SESSION_EVIDENCE),
        "disclaimer": first["disclaimer"],
    }


def _print(made: Mapping[str, Any]) -> None:
    from rich.table import Table

    out = console()
    count = len(made["today"])
    out.print(f"{count} lesion{'s' if count != 1 else ''} today, {len(made['later'])} later", style="bold")
    out.print(f"At most {made['most_today']} today: {made['most_today_because']}.")
    for group in made["groups"]:
        settings = group["settings"]
        words = (
            f"{settings['pulses']} × {settings['pulse_energy_mJ']:g} mJ, "
            f"{settings['spot_diameter_um']:g} µm, "
            f"opens {100 * group['p_open']:.0f} %, harms {100 * group['p_harm']:.1f} %"
            if settings
            else group["headline"]
        )
        out.print(f"Group {group['name']} ({', '.join(group['lesions'])}): {words}")
    out.print()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for title in ("", "lesion", "group", "at", "extra wait", "heat left: engine", "bound", "nearest treated"):
        table.add_column(title)
    for one in made["today"]:
        near = f"{one['nearest_treated']}, {one['nearest_mm']:.3g} mm" if one["nearest_treated"] else ""
        table.add_row(
            str(one["number"]), one["lesion"], one["group"], f"{one['at_s']:g} s", f"{one['wait_s']:g} s",
            f"{one['rise_K']:.2g} K", f"{one['rise_bound_K']:.2g} K", near,
        )  # fmt: skip
    out.print(table)
    for one in made["later"]:
        out.print(f"Later: {one['lesion']}: {one['why']}.", style="yellow")
    for heat in made["heat"]:
        out.print(
            f"Group {heat['group']}: {heat['left_mJ']:.3g} mJ of heat stay; from "
            f"{heat['never_above_limit_from_mm']:g} mm on the skin never warms by more than "
            f"{made['rise_limit_K']:g} K."
        )
    area, dose = made["wound_area_mm2"], made["anaesthetic"]
    out.print(
        f"Wound in all {area['p50']:.2g} mm² (up to {area['p95']:.2g} mm²), {made['minutes']:g} minutes."
    )
    out.print(
        f"Anaesthetic: {dose['volume_mL']:g} mL of {dose['drug']} at {dose['per_lesion_mL']:g} mL each "
        f"(field knowledge); {dose['note']}."
    )
