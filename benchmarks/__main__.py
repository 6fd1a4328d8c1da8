"""``python -m benchmarks [--quick] [--publish] [--json FILE] [--compare FILE] [PART …]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import ensemble, machine, milium, pattern, peers, publish, roofline, show, startup
from milia import __version__

SCHEMA_VERSION = "1.0"
PARTS: dict[str, tuple[str, Callable[..., Any], Callable[..., str]]] = {
    "half_space": ("Absorbing half-space, one pinned thread each", peers.measure, show.peers),
    "milium": ("Milium: 0.2 mm, 10 mJ, 1 ms, every 100 ms, cooled to 45 °C", milium.measure, show.milium),
    "ensemble": ("Ensemble of the milium, two pulses", ensemble.measure, show.ensemble),
    "startup": ("From the shell", startup.measure, show.startup),
    "pattern": ("Three dimensions", pattern.measure, show.pattern),
}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, and FiPy with long steps")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results for later comparison")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="results of an earlier release")
    parser.add_argument("--publish", action="store_true", help="write what was found into the README here")
    chosen = parser.parse_args(words)
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; known: {', '.join(PARTS)}")

    printed: list[str] = []

    def say(text: str) -> None:
        printed.append(text)
        print(text, flush=True)

    limits = machine.limits()
    results: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "quick": chosen.quick,
        "machine": {"kind": machine.describe(), "limits": limits},
    }
    say(f"Milia {__version__}\n{show.machine(results['machine'])}")
    results["kernels"] = roofline.measure(limits)
    say(f"\nKernels on 20000 cells, nothing boiling\n{show.roofline(results['kernels'])}")
    for name in chosen.parts or PARTS:
        title, measure, shown = PARTS[name]
        say(f"\n{title}")
        results[name] = measure(quick=chosen.quick)
        say(shown(results[name]))
    results = machine.rounded(results)
    if chosen.compare:
        then = json.loads(chosen.compare.read_text(encoding="utf-8"))
        title = f"Beside Milia {then['version']}"
        print(f"\n{title:70}{'then':>12}{'now':>12}{'ratio':>8}")
        print("\n".join(show.compared(results, then)))
    if chosen.publish:
        publish.publish(results, "\n".join(printed))
        print(f"\nWritten into {publish.README.name}")
    if chosen.json:
        text = json.dumps(results, ensure_ascii=False, indent=1)
        chosen.json.write_text(f"{text}\n", encoding="utf-8")
        print(f"\nResults: {chosen.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
