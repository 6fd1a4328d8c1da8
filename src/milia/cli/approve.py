"""`milia approve`: who approves a plan and why, or what is set otherwise, as a record beside the plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milia.base import InputError
from milia.cli.output import console, print_json
from milia.cli.plan_file import read_plan
from milia.cli.progress import progress
from milia.cli.verify import read_case

if TYPE_CHECKING:
    from milia.laser import Settings


def command(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json", help="Saved with `milia plan --json`.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who approves.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    override: Annotated[
        list[str] | None,
        typer.Option("--override", metavar="KEY=VALUE", help="A setting other than planned."),
    ] = None,
    case_file: Annotated[
        Path | None,
        typer.Option(
            "--case",
            metavar="CASE.yaml",
            help="Its case, where the device is not in the library.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Approve a saved plan, or override its settings; earlier records are checked and never touched."""
    from milia.planning import (
        approvals_path,
        approve,
        content_hash,
        count_setting,
        overridden,
        read_overrides,
    )

    plan = read_plan(plan_file)
    path = approvals_path(plan_file)
    wanted = read_overrides(override or [])
    counted = None
    if wanted:
        planned = _settings(plan, str(plan_file))
        case = read_case(plan, plan_file, case_file)
        settings = overridden(planned, wanted, case)
        with progress("counting the override"):
            counted = count_setting(
                case, settings, seed=plan["provenance"]["seed"], scenarios=plan["provenance"]["scenarios"]
            )
    made = approve(
        path, plan_hash=content_hash(plan), by=by, reason=reason, when=datetime.now(UTC), override=wanted,
        counted=counted,
    )  # fmt: skip
    if json:
        from dataclasses import asdict

        print_json({"schema_version": "1.0", **asdict(made)})
        return
    out = console()
    out.print(f"{made.kind.capitalize()} of plan {made.plan_id} by {made.by}, {made.when}: {made.reason}")
    if counted is not None:
        where = "inside" if counted.inside else "OUTSIDE"
        out.print(
            f"The override opens {100 * counted.p_open:.0f} % and harms {100 * counted.p_harm:.1f} % of "
            f"{counted.scenarios} simulated skins (planned: {100 * plan['p_open']:.0f} % and "
            f"{100 * plan['p_harm']:.1f} %); it lies {where} the therapeutic window.",
            style=None if counted.inside else "bold yellow",
        )
    out.print(f"Record: {path.resolve()}", soft_wrap=True)
    out.print(f"Its hash, to note elsewhere: {made.hash[:16]}")


def _settings(plan: dict[str, object], file: str) -> Settings:
    from milia.laser import Settings

    found = plan.get("settings")
    if not isinstance(found, dict):
        raise InputError(
            "the plan has no settings to override",
            file=file,
            key="settings",
            value="null",
            accepted="a laser plan",
        )
    return Settings(
        pulse_energy_J=1e-3 * found["pulse_energy_mJ"],
        pulse_duration_s=1e-6 * found["pulse_duration_us"],
        spot_diameter_m=1e-6 * found["spot_diameter_um"],
        pulses=found["pulses"],
        interval_s=1e-3 * found["interval_ms"],
        passes=found["passes"],
    )
