"""The results as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

IDLE = 0.9  # of a processor: below it, something else was running


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return columns under their heads, the first one to the left and numbers to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if not column else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def time_of(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1.0 else f"{1e3 * seconds:.3g} ms"


def machine(found: dict[str, Any]) -> str:
    kind, limits = found["kind"], found["limits"]
    return (
        f"{kind['processor']}, {kind['processors']} processors, {kind['memory_GiB']} GiB; "
        f"Python {kind['python']}, numba {kind['numba']}; load before: {kind['load_before']}\n"
        f"one thread at most: {limits['triad_memory_GB_s']:.1f} GB/s from memory, "
        f"{limits['triad_2MB_GB_s']:.0f} GB/s within 2 MB, {limits['add_mul_Gflop_s']:.1f} Gflop/s "
        f"({limits['fused_Gflop_s']:.0f} fused),\n{limits['tridiagonal_Mcell_s']:.0f} Mcell/s of tridiagonal "
        f"solves line after line, {limits['tridiagonal_bundled_Mcell_s']:.0f} Mcell/s side by side"
    )


def roofline(found: dict[str, Any]) -> str:
    return (
        f"{found['Mcell_steps_s']:.1f} Mcell-steps/s, {found['ns_per_cell_step']:.1f} ns each\n"
        f"{found['flops_per_cell_step']} operations ({found['divisions_per_cell_step']} divisions) and "
        f"{found['bytes_per_cell_step']} bytes a cell-step:\n{100 * found['share_of_arithmetic']:.0f} % of "
        f"the arithmetic, {100 * found['share_of_bandwidth_near']:.0f} % of the bandwidth within 2 MB "
        f"({100 * found['share_of_bandwidth_memory']:.0f} % of the memory's)\n"
        "a step is at least four tridiagonal solves: "
        f"{100 * found['share_of_bare_recurrences']:.0f} % of the speed of four bare ones line after line, "
        f"{100 * found['share_of_bundled_recurrences']:.0f} % of four side by side"
    )


def peers(found: dict[str, Any]) -> str:
    rows = []
    for name, one in found.items():
        if "skipped" in one:
            rows.append((name, f"SKIPPED: {one['skipped']}", "", "", "", ""))
            continue
        rows.append(
            (
                name,
                time_of(one["processor_s"]),
                time_of(one["wall_s"]),
                f"{one['times_slower']:.3g}",
                f"{one['worst_error_percent']:.2f} %",
                f"{one['peak_MiB']:.0f} MiB",
            )
        )
    return table(("code", "processor", "wall", "× Milia", "worst error", "peak memory"), rows)


def milium(found: dict[str, Any]) -> str:
    rows = [
        (f"{count} pulses" if count != "1" else "1 pulse", *(_fired(modes[name]) for name in modes))
        for count, modes in found["pulses"].items()
    ]
    modes = list(next(iter(found["pulses"].values())))
    parts = [table(("", *modes), rows)]
    for name, errors in found["errors"].items():
        reference = errors["reference"]
        rows = [
            (
                kind,
                f"{one['depth_percent']:.2f} %",
                f"{one['width_percent']:.2f} %",
                f"{one['harm_depth_um']:.1f} µm, {one['harm_depth_percent']:.2f} %",
                *(f"{one[key]:.1f} µm" for key in ("rtd_floor_um", "rtd_wall_um")),
            )
            for kind, one in errors.items()
            if kind != "reference"
        ]
        parts.append(
            f"{name}: largest error after one to five pulses, against {reference['times_finer']:g} times "
            f"finer cells and steps ({reference['depth_um']:.0f} µm deep)\n"
            + table(("", "depth", "width", "harm", "damage, floor", "damage, wall"), rows)
        )
    return "\n\n".join(parts)


def _fired(one: dict[str, Any]) -> str:
    return (
        f"{time_of(one['processor_s'])}, {one['steps']} steps, {one['cells']} cells, {one['depth_um']:.0f} µm"
    )


def ensemble(found: dict[str, Any]) -> str:
    rows = []
    for threads, one in found["threads"].items():
        busy = one["processors_kept_busy"]
        note = "" if busy >= IDLE * min(int(threads), 2) else "the machine was busy: too low"
        rows.append((threads, f"{one['members_s']:.1f}", f"{one['scaling']:.2f}", f"{busy:.2f}", note))
    return f"{found['members']} members\n" + table(
        ("threads", "members/s", "scaling", "processors busy", ""), rows
    )


def startup(found: dict[str, Any]) -> str:
    return "\n".join(
        f"{words:44}{time_of(found[key])}"
        for key, words in (
            ("simulate_empty_cache_s", "first `milia simulate`, nothing compiled"),
            ("simulate_warm_cache_s", "`milia simulate`, kernels in the cache"),
            ("help_s", "`milia --help`"),
            ("import_s", "`import milia`"),
            ("python_alone_s", "Python alone"),
        )
        if found[key] is not None
    )


def pattern(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not built: the package has no milia.engine.volume"
    if "failed" in found:
        return f"FAILED: {found['failed']}"
    rows = [
        (
            name,
            time_of(one["wall_s"]),
            f"{one['processors_kept_busy']:.2f}",
            f"{one['cells'] / 1e6:.2f} M",
            str(one["steps"]),
            f"{one['peak_MiB']:.0f} MiB",
            f"{one['depth_um'][0]:.0f} to {one['depth_um'][1]:.0f} µm",
        )
        for name, one in found.items()
        if isinstance(one, dict)
    ]
    return table(("nine spots", "wall", "processors busy", "cells", "steps", "peak memory", "depths"), rows)


def compared(now: dict[str, Any], then: dict[str, Any], path: str = "") -> list[str]:
    """Return every time and speed that both results have, with their ratio."""
    lines = []
    for key, value in now.items():
        if key not in then:
            continue
        here = f"{path}{key}"
        if isinstance(value, dict) and isinstance(then[key], dict):
            lines += compared(value, then[key], f"{here} · ")
        elif key.endswith(("_s", "_MiB", "_percent", "scaling")) and value and then[key]:
            lines.append(f"{here:70}{then[key]:12.4g}{value:12.4g}{value / then[key]:8.2f}")
    return lines
