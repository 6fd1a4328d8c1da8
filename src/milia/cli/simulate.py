"""`milia simulate`: one exposure in, one crater out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from milia.cli.output import check_target, console, print_json
from milia.cli.progress import progress

if TYPE_CHECKING:
    from milia.engine import Simulation

FILE_SUFFIXES = (".nc", ".zarr")
FOLDER_SUFFIX = ".zarr"
MOVIE_SUFFIXES = (".gif", ".html", ".mp4")
FRAMES = 80
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
        typer.Option(
            "--save",
            metavar="FIELDS.nc|FIELDS.zarr",
            help="Write fields and history as labelled arrays.",
            show_default=False,
        ),
    ] = None,
    animate: Annotated[
        Path | None,
        typer.Option(
            "--animate",
            metavar="OUT.gif|OUT.html|OUT.mp4",
            help="Write the cross-section through heating and cooling.",
            show_default=False,
        ),
    ] = None,
    frames: Annotated[
        int, typer.Option("--frames", min=2, max=1000, help="Most pictures of --animate.")
    ] = FRAMES,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the sampled uncertainties.")] = 0,
) -> None:
    """Simulate one exposure of skin to a laser."""
    _check_targets(save, animate, exposure_file)

    from milia.calibration import simulate
    from milia.engine import load_exposure

    exposure = load_exposure(exposure_file)
    with progress("simulating") as told:
        result = simulate(exposure, seed=seed, progress=told)
    _write(result, save, animate, frames)
    if json:
        print_json(result.to_dict())
        return
    _print(result.to_dict())
    if save is not None:
        typer.echo(f"Fields: {save.resolve()}")
    if animate is not None:
        typer.echo(f"Moving picture: {animate.resolve()}")


def _check_targets(save: Path | None, animate: Path | None, source: Path) -> None:
    """Refuse what could not be written before anything is computed."""
    from milia.engine import check_fields_target, check_movie_target

    if save is not None and save.suffix.lower() == FOLDER_SUFFIX:
        check_fields_target(save, key="--save")
    elif save is not None:
        check_target(save, suffixes=FILE_SUFFIXES, option="--save", source=source)
    if animate is not None:
        check_target(animate, suffixes=MOVIE_SUFFIXES, option="--animate", source=source)
        check_movie_target(animate, key="--animate")


def _write(result: Simulation, save: Path | None, animate: Path | None, frames: int) -> None:
    if save is not None:
        with progress("following the exposure") as told:
            result.save(save, progress=lambda share: told(share, "following the exposure"))
    if animate is not None:
        with progress("drawing frames") as told:
            result.animate(animate, frames=frames, progress=lambda share: told(share, "drawing frames"))


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
    told = result["statistics"]
    out.print(
        f"Status: {result['status']}; {told['steps']} steps, {told['cells']} cells, "
        f"the ledger closes to {abs(told['ledger_imbalance']):.1g}."
    )
    for warning in result["warnings"]:
        out.print(f"Mind: {warning}", style="yellow")


def _value(found: float | Mapping[str, float], unit: str) -> str:
    if isinstance(found, Mapping):
        return f"{found['p50']:.3g} {unit}  (90 %: {found['p05']:.3g} to {found['p95']:.3g} {unit})"
    return f"{found:.3g} {unit}"
