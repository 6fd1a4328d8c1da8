"""`milia sites`: the skin atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milia.cli.output import as_plain, console, listing, print_json, shown, shown_range

if TYPE_CHECKING:
    from milia.skin import Site, Uncertain


def command(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Only this site, with every layer.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the sites of the skin atlas, with their layers and limits."""
    from milia.skin import site, sites

    if name is not None:
        one = site(name)
        if json:
            print_json(listing(site=as_plain(one)))
        else:
            _print_one(one)
    elif json:
        print_json(listing(sites=[as_plain(each) for each in sites()]))
    else:
        _print_all(sites())


def _print_all(sites: tuple[Site, ...]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "epidermis", "whole skin", "depth limit", "rules"):
        table.add_column(column, overflow="fold")
    for site in sites:
        table.add_row(
            site.name,
            shown(site.epidermis_m.value, "m"),
            shown(site.total_m.value, "m"),
            shown(site.depth_limit_m, "m"),
            _rules(site),
        )
    console().print(table)


def _print_one(site: Site) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in (
        ("name", site.name),
        ("title", site.title),
        ("stratum corneum", _with_range(site.stratum_corneum_m)),
        ("epidermis, stratum corneum included", _with_range(site.epidermis_m)),
        ("depth of the papillary-reticular border", _with_range(site.papillary_boundary_m)),
        ("dermis", _with_range(site.dermis_m)),
        ("whole skin", _with_range(site.total_m)),
        ("roof over a milium", _with_range(site.roof_m)),
        ("depth limit", shown(site.depth_limit_m, "m")),
        ("rules", _rules(site) or "none of its own"),
        ("name in a case file", site.case_name or "none: no plan is made here"),
    ):
        table.add_row(label, text)
    console().print(table)


def _with_range(uncertain: Uncertain) -> str:
    return f"{shown(uncertain.value, 'm')} ({shown_range(uncertain.low, uncertain.high, 'm')})"


def _rules(site: Site) -> str:
    rules = {
        "hard stop": site.hard_stop,
        "eyelid": site.eyelid,
        "eye shield": site.orbital,
        "no laser": not site.laser_allowed,
    }
    return ", ".join(rule for rule, holds in rules.items() if holds)
