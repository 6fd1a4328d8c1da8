"""`milia devices`: the device library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from milia.cli.output import as_plain, console, listing, print_json, shown, shown_range

if TYPE_CHECKING:
    from milia.laser import Device


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Only this device, with every step.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the devices of the library and what they deliver."""
    from milia.laser import device, devices

    if name is not None:
        one = device(name, key="NAME")
        if json:
            print_json(listing(device=_plain(one)))
        else:
            _print_one(one)
    elif json:
        print_json(listing(devices=[_plain(each) for each in devices()]))
    else:
        _print_all(devices())


def _plain(device: Device) -> dict[str, Any]:
    plain = dict(as_plain(device))
    plain["pulse_pairs"] = [
        {"pulse_energy_J": energy, "pulse_duration_s": duration} for energy, duration in device.deliverable()
    ]
    return plain


def _print_all(devices: tuple[Device, ...]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "spots", "pulse energy", "pulse duration", "steps from"):
        table.add_column(column, overflow="fold")
    for device in devices:
        energies, durations = zip(*device.deliverable(), strict=True)
        table.add_row(
            device.name,
            shown_range(device.spot_diameters_m[0], device.spot_diameters_m[-1], "m"),
            shown_range(min(energies), max(energies), "J"),
            shown_range(min(durations), max(durations), "s"),
            device.flag,
        )
    console().print(table)


def _print_one(device: Device) -> None:
    from rich.table import Table

    energies = sorted({energy for energy, _ in device.deliverable()})
    durations = sorted({duration for _, duration in device.deliverable()})
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in (
        ("name", device.name),
        ("title", device.title),
        ("kind", device.kind),
        ("wavelength", shown(device.wavelength_m, "m")),
        ("beam", device.profile.value),
        ("spot diameters", _steps(device.spot_diameters_m, "m")),
        ("pulse energies", _steps(energies, "J")),
        ("pulse durations", _steps(durations, "s")),
        ("intervals", _steps(device.interval_s, "s")),
        ("most pulses, passes", f"{device.pulses_max}, {device.passes_max}"),
        ("steps from", f"{device.source} ({device.flag})"),
        ("note", device.note),
    ):
        table.add_row(label, text)
    console().print(table)


def _steps(values: tuple[float, ...] | list[float], unit: str) -> str:
    return ", ".join(shown(value, unit) for value in values)
