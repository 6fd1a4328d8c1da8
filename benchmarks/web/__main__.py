"""``python -m benchmarks.web load|search|weight|kill [--database sqlite|postgresql] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.web.stand import stand


def _load(words: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.web.load import load

    return load(words.database, clinicians=words.clinicians, seconds=words.seconds)


def _search(words: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.web.load import search

    return search(words.database, patients=words.patients, lesions=10 * words.patients)


def _weight(words: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.web.weight import weight

    return weight(words.database)


def _kill(words: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.web.kill import WRITERS, kill_while_saving

    with stand(words.database, doctors=WRITERS, workers=0) as made:
        found = kill_while_saving(made, words.kills, seed=words.seed)
    return {
        "kills": found.kills,
        "acknowledged": found.acknowledged,
        "missing": len(found.missing),
        "trail": found.broken or "whole",
    }


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "load": _load,
    "search": _search,
    "weight": _weight,
    "kill": _kill,
}


def main() -> None:
    """Measure one part and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--clinicians", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    found = {"part": words.part, "database": words.database, **PARTS[words.part](words)}
    text = json.dumps(found, indent=2, ensure_ascii=False)
    print(text)
    if words.json:
        words.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
