"""The part of the README that a run writes itself: what was asked for, what was found, and the tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.show import IDLE, time_of

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
Row = tuple[str, str, str]


def machine(found: dict[str, Any]) -> str:
    """Return the kind of machine in general words."""
    kind, limits = found["kind"], found["limits"]
    return (
        f"{kind['processors']} processors of a shared virtual machine ({kind['system']}), "
        f"{kind['memory_GiB']} GiB; one thread copies {limits['triad_memory_GB_s']:.0f} GB/s from memory and "
        f"does {limits['add_mul_Gflop_s']:.0f} Gflop/s; load before the run {kind['load_before']}"
    )


def _took(one: dict[str, Any]) -> str:
    return f"{time_of(one['processor_s'])}, {one['worst_error_percent']:.2f} %, {one['peak_MiB']:.0f} MiB"


def _slower(one: dict[str, Any]) -> str:
    return f"{one['times_slower']:.0f} × Milia's time"


def _half_space(found: dict[str, Any], kernels: dict[str, Any]) -> Iterator[Row]:
    for code, asked in (
        ("Milia", "≤ 20 ms, ≤ 0.2 %"),
        ("Milia, full physics", "≤ 150 ms, ≤ 0.2 %"),
    ):
        one = found[code]
        yield f"half-space, {code}", asked, _took(one)
    for code, one in found.items():
        if code.startswith(("scikit-fem", "FiPy")):
            told = f"skipped: {one['skipped']}" if "skipped" in one else f"{_took(one)}: {_slower(one)}"
            yield f"half-space, {code}", "a ratio in the same run", told
    yield (
        "the kernels' share of this machine's limits",
        "a number",
        f"{100 * kernels['share_of_arithmetic']:.0f} % of arithmetic, "
        f"{100 * kernels['share_of_bandwidth_near']:.0f} % of the bandwidth within 2 MB, "
        f"{100 * kernels['share_of_bundled_recurrences']:.0f} % of four bare tridiagonal solves side by side",
    )


def _milium(found: dict[str, Any]) -> Iterator[Row]:
    counts = list(found["pulses"])
    for mode in ("planning", "fine"):
        times = ", ".join(f"{1e3 * found['pulses'][count][mode]['processor_s']:.0f}" for count in counts)
        name = f"milium, `{mode}`, {counts[0]} to {counts[-1]} pulses"
        yield name, "≤ 30 ms" if mode == "planning" else "–", f"{times} ms"
    for kind, errors in found["errors"].items():
        one = errors["planning"]
        yield (
            f"{kind}, `planning`, largest error after any pulse",
            "≤ 2 %",
            f"depth {one['depth_percent']:.1f} %, depth of damage {one['harm_depth_percent']:.1f} %",
        )


def _quiet(one: dict[str, Any], threads: int) -> str:
    """Say so where the machine gave a run fewer processors than it asked for; otherwise nothing."""
    had = one["processors_kept_busy"]
    return "" if had >= IDLE * threads else f"not measured: the machine was busy, {had:.2f} processors had"


def _pattern(found: dict[str, Any] | None) -> Iterator[Row]:
    for name, one in (found or {}).items():
        if isinstance(one, dict):
            told = _quiet(one, 1) or time_of(one["wall_s"])
            told += f", {one['peak_MiB']:.0f} MiB"
            yield f"nine spots in three dimensions, {name}", "≤ 20 s", told


def rows(results: dict[str, Any]) -> list[Row]:
    """Return what was asked for and what was found, for the parts that were run."""
    made: list[Row] = []
    if "half_space" in results:
        made += _half_space(results["half_space"], results["kernels"])
    if "milium" in results:
        made += _milium(results["milium"])
    if "ensemble" in results:
        two = results["ensemble"]["threads"]["2"]
        told = _quiet(two, 2) or f"{two['scaling']:.2f} ×, {two['members_s']:.0f} members/s"
        made.append(("ensemble on two threads", "≥ 1.9 ×", told))
    made += _pattern(results.get("pattern"))
    if "startup" in results:
        one = results["startup"]
        made.append(("`milia simulate`, new process", "≤ 3 s", time_of(one["simulate_warm_cache_s"])))
        if one["simulate_empty_cache_s"] is not None:
            told = time_of(one["simulate_empty_cache_s"])
            made.append(("the same, nothing compiled yet", "paid once", told))
    return made


def section(results: dict[str, Any], printed: str) -> str:
    """Return the section in Markdown; ``printed`` is what the run wrote to the terminal."""
    day = datetime.now(UTC).date().isoformat()
    kind = results["machine"]
    lines = [
        f"Milia {results['version']}, {day}; {machine(kind)}.",
        "",
        "| | asked for | found |",
        "|---|---|---|",
        *(f"| {name} | {asked} | {found} |" for name, asked, found in rows(results)),
        "",
        "```text",
        printed.replace(kind["kind"]["processor"], "one thread each").rstrip(),
        "```",
    ]
    return "\n".join(lines)


def publish(results: dict[str, Any], printed: str, path: Path = README) -> None:
    """Write the section between its marks; what lies around it stays."""
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"{path.name} needs one line {BEGIN} and after it one line {END}")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    path.write_text(f"{before}{BEGIN}\n{section(results, printed)}\n{END}{after}", encoding="utf-8")
