"""Draws the confusion of groups and the reliability of the stated probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from validation.diagnosis.measure import Outcome, reliability

_BLUE, _RED = "#3b6ea5", "#b5403a"


def draw(outcomes: Sequence[Outcome], path: Path, *, title: str) -> None:
    """Write one picture: confusion on the left, reliability on the right."""
    shown = list(dict.fromkeys(sorted({o.group for o in outcomes} | {o.first for o in outcomes})))
    counts = np.zeros((len(shown), len(shown)))
    for o in outcomes:
        counts[shown.index(o.group), shown.index(o.first)] += 1
    side = 0.19 * len(shown) + 2.6
    figure = Figure(figsize=(side + 4.2, max(side, 4.2)), layout="constrained", dpi=90)
    left, right = figure.subplots(1, 2, width_ratios=[side, 3.6])
    left.imshow(np.ma.masked_equal(counts, 0), cmap="Blues", vmin=0, vmax=3, aspect="equal")
    for i, j in zip(*np.nonzero(counts), strict=True):
        colour = "white" if counts[i, j] >= 2 and i == j else "black" if i == j else _RED
        left.text(j, i, f"{counts[i, j]:.0f}", ha="center", va="center", fontsize=6, color=colour)
    left.set_xticks(range(len(shown)), shown, rotation=90, fontsize=6)
    left.set_yticks(range(len(shown)), shown, fontsize=6)
    left.set_xlabel("first of the differential", fontsize=8)
    left.set_ylabel("diagnosis of the record", fontsize=8)
    left.set_title(title, fontsize=9, loc="left")
    left.set_xticks(np.arange(-0.5, len(shown)), minor=True)
    left.set_yticks(np.arange(-0.5, len(shown)), minor=True)
    left.grid(which="minor", color="#eeeeee", linewidth=0.5)
    left.tick_params(which="both", length=0)
    _reliability(right, outcomes)
    figure.savefig(path, metadata={"Software": None})


def _reliability(axes, outcomes: Sequence[Outcome]) -> None:  # type: ignore[no-untyped-def]
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle="--")
    for row in reliability(outcomes):
        half = 1.64 * np.sqrt(max(row["right"] * (1 - row["right"]), 0.25 / row["cases"]) / row["cases"])
        low, high = max(row["right"] - half, 0), min(row["right"] + half, 1)
        axes.plot([row["stated"]] * 2, [low, high], color=_BLUE, linewidth=2, alpha=0.5)
        axes.plot(row["stated"], row["right"], "o", color=_BLUE, markersize=5)
        axes.annotate(
            f"n={row['cases']}",
            (row["stated"], row["right"]),
            (4, -10),
            textcoords="offset points",
            fontsize=7,
        )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel("probability stated for the first group", fontsize=8)
    axes.set_ylabel("share that was right", fontsize=8)
    axes.tick_params(labelsize=7)
