"""`milia verify`: compute a saved plan again, say what differs and why, and check its approvals."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from milia.base import InputError, one_line
from milia.cli.output import console, print_json
from milia.cli.plan_file import read_plan
from milia.cli.progress import progress

if TYPE_CHECKING:
    from milia.planning import Case

DIFFERS = 3


def command(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json", help="Saved with `milia plan --json`.")],
    case_file: Annotated[
        Path | None,
        typer.Option(
            "--case",
            metavar="CASE.yaml",
            help="Its case, where the device is not in the library.",
            show_default=False,
        ),
    ] = None,
    clinic: Annotated[
        Path | None,
        typer.Option("--clinic", metavar="CLINIC.yaml", help="The clinic it was made for."),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="HASH", help="Hash of the last approval."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compute a saved plan again and compare; exit status 3 where it differs."""
    from milia.planning import approvals_path, content_hash, read_approvals, verify_plan

    plan = read_plan(plan_file)
    path = approvals_path(plan_file)
    approvals = read_approvals(path)
    if head is not None and (not approvals or not approvals[-1].hash.startswith(head) or len(head) < 8):
        raise InputError(
            "the last approval is another one: records were taken out or added", file=str(path), key="--head",
            value=head, accepted=approvals[-1].hash if approvals else "there is no approval",
        )  # fmt: skip
    case = read_case(plan, plan_file, case_file)
    with progress("planning again") as told:
        now = plan_again(plan, case, clinic, told)
    verdict = verify_plan(plan, now)
    own = content_hash(plan)
    others = [one for one in approvals if one.plan_hash != own]
    if json:
        print_json(
            verdict.to_dict()
            | {
                "approvals": [
                    {
                        "kind": record.kind,
                        "by": record.by,
                        "when": record.when,
                        "hash": record.hash,
                        "of_this": record.plan_hash == own,
                    }
                    for record in approvals
                ]
            }
        )
    else:
        out = console()
        if verdict.same:
            out.print(f"Plan {verdict.plan_id} is what this installation computes, byte for byte.")
        else:
            out.print(f"Plan {verdict.plan_id} differs from what this installation computes.", style="bold")
            for why in verdict.why:
                out.print(f"Why: {why}.")
            for one in verdict.differences:
                out.print(f"  {one.key}: {one_line(one.saved)} saved, {one_line(one.now)} now")
            if verdict.more:
                out.print(f"  and {verdict.more} more")
        for record in approvals:
            said = f"{record.kind.capitalize()} by {record.by}, {record.when}"
            out.print(f"{said}: {record.reason} ({record.hash[:12]})")
        for record in others:
            words = f"the {record.kind} of {record.when} is of another content, plan {record.plan_id}"
            out.print(f"Mind: {words}.", style="yellow")
    if not verdict.same or others:
        raise typer.Exit(DIFFERS)


def read_case(plan: dict[str, Any], plan_file: Path, case_file: Path | None) -> Case:
    """Return the case of a saved plan: from its own mapping, or from the file that is named."""
    from milia.planning import case_from_mapping, case_of, load_case

    if case_file is not None:
        return load_case(case_file)
    try:
        return case_from_mapping(case_of(plan, file=str(plan_file)), file=f"{plan_file}: case")
    except InputError as error:
        if error.key == "device":
            raise InputError(
                "the plan's device is not in the library", file=str(plan_file), key="case.device",
                value=error.value, accepted="--case CASE.yaml, with the device's file beside it",
            ) from None  # fmt: skip
        raise


def plan_again(plan: dict[str, Any], case: Case, clinic: Path | None, told: Any) -> dict[str, Any]:
    """Plan the same case with the same seed and day."""
    from milia.care import load_clinic, plan_case

    seed = plan["provenance"].get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise InputError(
            "this is no seed", key="provenance.seed", value=seed, accepted="a whole number from 0"
        )
    start = (plan.get("aftercare") or {}).get("start")
    first = date.fromisoformat(start) if isinstance(start, str) else None
    who = load_clinic(clinic) if clinic else None
    import json

    # through JSON, as the saved one went: tuples become lists
    made = plan_case(case, seed=seed, start=first, progress=told, clinic=who).to_dict()
    return dict(json.loads(json.dumps(made, allow_nan=False)))
