"""How long a plan and a moved slider take: ``python -m benchmarks.planning [--quick] [CASE.yaml]``."""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from milia.planning import Case, Effort, Shot, load_case, plan_laser
from milia.planning.live import answer, prepare, screen
from milia.planning.search import pulse_interval

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "lower_eyelid.yaml"
MOVES = 500
PULSES = 3
SWIFT = Effort(swift=64)


def measure(*, quick: bool = False, case: Path = EXAMPLE) -> dict[str, Any]:
    """Return the times of every part, s; ``quick`` plans only once and does not start a process."""
    read = load_case(case)
    plans: dict[str, Any] = {"swift": plan(read, SWIFT)}
    if not quick:
        plans |= {"full": plan(read, Effort(swift=0)), "cold_s": cold(case)}
    return {"live": live(read, 100 if quick else MOVES), "plan": plans}


def live(case: Case, moves: int) -> dict[str, Any]:
    """Return the time to make a case ready, of random slider moves, and of all deliverable settings."""
    prepare(case)  # pays for reading the surrogate
    ready, prepared = _timed(lambda: prepare(case))
    rng = random.Random(5)
    device = case.device
    spots = [spot for spot in device.spot_diameters_m if spot <= prepared.surrogate.ranges["spot"][1]]
    pairs = device.deliverable()
    setting = [rng.choice(spots), rng.choice(pairs), rng.choice(device.interval_s), 1]
    times, estimated = [], 0
    while len(times) < moves:
        # one slider at a time: spot, pulse, interval, pulses
        at = rng.randrange(4)
        setting[at] = (
            rng.choice(spots),
            rng.choice(pairs),
            pulse_interval(device, *setting[1]) if rng.random() < 0.5 else rng.choice(device.interval_s),
            rng.randint(1, 5),
        )[at]
        spot, (energy, duration), interval, pulses = setting
        shot = Shot(spot, energy, duration, max(interval, 10.1e-3))
        if not 0.8e4 < energy / (0.785 * spot**2) < 3e6:
            setting[1] = rng.choice(pairs)
            continue
        spent, made = _timed(lambda shot=shot, pulses=pulses: answer(prepared, shot, pulses))
        estimated += made.estimate
        times.append(spent)
    every = [
        Shot(spot, energy, duration, pulse_interval(device, energy, duration))
        for spot in spots
        for energy, duration in pairs
    ]
    took, screened = _timed(lambda: screen(prepared, every, PULSES))
    times.sort()
    return {
        "prepare_s": ready,
        "moves": moves,
        "estimated": estimated,
        "move_median_s": statistics.median(times),
        "move_p95_s": times[int(0.95 * len(times))],
        "move_longest_s": times[-1],
        "screen_s": took,
        "settings": len(screened.shots) * PULSES,
        "skins": len(prepared.skins),
    }


def plan(case: Case, effort: Effort) -> dict[str, Any]:
    """Return the time of a plan in a warm process, and the share of each of its stages."""
    marks: list[tuple[str, float]] = []
    plan_laser(case, effort=replace(effort, refine=10, final=16))  # pays for compiling

    def told(_: float, word: str) -> None:
        if not marks or marks[-1][0] != word:
            marks.append((word, time.perf_counter()))

    began, busy = time.perf_counter(), time.process_time()
    made = plan_laser(case, progress=told, effort=effort)
    ended = time.perf_counter()
    parts: dict[str, float] = {"drawing the skins": marks[0][1] - began}
    for (word, start), (_, stop) in zip(marks, [*marks[1:], ("", ended)], strict=True):
        parts[word] = parts.get(word, 0.0) + stop - start
    whole = ended - began
    return {
        "wall_s": whole,
        "cpu_s": time.process_time() - busy,
        "shares": {word: part / whole for word, part in parts.items()},
        **made.statistics,
    }


def cold(case: Path) -> float:
    """Return the time of ``milia plan`` from the shell."""
    words = [sys.executable, "-m", "milia", "plan", str(case), "--json"]
    began = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    return time.perf_counter() - began


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def shown(found: dict[str, Any]) -> str:
    """Return the results as text."""
    told, plans = found["live"], found["plan"]
    lines = [
        f"a case made ready in {1e3 * told['prepare_s']:.0f} ms",
        f"{told['moves']} slider moves: median {1e3 * told['move_median_s']:.1f} ms, 95th percentile "
        f"{1e3 * told['move_p95_s']:.1f} ms, longest {1e3 * told['move_longest_s']:.0f} ms; "
        f"{told['estimated']} answered by the surrogate, the others by the engine",
        f"{told['settings']} settings in {told['skins']} skins screened in {told['screen_s']:.2f} s",
    ]
    for name in ("swift", "full"):
        if name in plans:
            one = plans[name]
            lines.append(
                f"a {name} plan, warm: {one['wall_s']:.1f} s, {one['cpu_s']:.1f} s of processor time, "
                f"{one['simulations']} trains counted and {one['scouting']} looked at"
            )
            lines += [f"  {100 * share:5.1f} %  {word}" for word, share in one["shares"].items()]
    if "cold_s" in plans:
        lines.append(f"`milia plan` from the shell: {plans['cold_s']:.1f} s")
    return "\n".join(lines)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning", description=__doc__)
    parser.add_argument("case", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("--quick", action="store_true", help="100 moves, one plan, no new process")
    chosen = parser.parse_args(words)
    print(shown(measure(quick=chosen.quick, case=chosen.case)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
