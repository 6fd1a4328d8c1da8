"""`milia simulate`: one exposure in, one crater out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from milia.cli.output import check_target, console, print_json
from milia.cli.progress import progress

FIELD_SUFFIXES = (".nc",)
SHOWN = (
    ("crater depth", "crater_depth_um", "µm"),
    ("crater width", "crater_width_um", "µm"),
    ("thermal damage, floor", "rtd_floor_um", "µm"),
    ("thermal damage, wall", "rtd_wall_um", "µm"),
    ("highest temperature", "peak_temperature_degC", "°C"),
)
LEDGER = ("incident_mJ", "reflected_mJ", "plume_mJ", "removed_mJ", "stored_mJ", "lost_mJ")


def command(
    exposure_file: Annotated[Path, typer.Argument(metavar="EXPOSURE.yaml", help="Tissue, beam and pulses.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FIELDS.nc", help="Write the fields as netCDF.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the sampled uncertainties.")] = 0,
) -> None:
    """Simulate one exposure of skin to a laser."""
    if save is not None:
        check_target(save, suffixes=FIELD_SUFFIXES, option="--save", source=exposure_file)

    from milia.calibration import simulate
    from milia.engine import load_exposure

    exposure = load_exposure(exposure_file)
    with progress("simulating") as told:
        result = simulate(exposure, seed=seed, progress=told)
    if save is not None:
        result.save(str(save))
    if json:
        print_json(result.to_dict())
        return
    _print(result.to_dict())
    if save is not None:
        typer.echo(f"Fields: {save.resolve()}")


def _print(result: Mapping[str, Any]) -> None:
    from rich.table import Table

    out = console()
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 3, 0, 0))
    for label, key, unit in SHOWN:
        table.add_row(label, _value(result[key], unit))
    out.print(table)
    out.print()
    shares = [f"{key.removesuffix('_mJ')} {result['energy'][key]:.3g}" for key in LEDGER]
    out.print(f"Energy [mJ]: {', '.join(shares)}.")
    for warning in result["warnings"]:
        out.print(f"Mind: {warning}", style="yellow")


def _value(found: float | Mapping[str, float], unit: str) -> str:
    if isinstance(found, Mapping):
        return f"{found['p50']:.3g} {unit}  (90 %: {found['p05']:.3g} to {found['p95']:.3g} {unit})"
    return f"{found:.3g} {unit}"
