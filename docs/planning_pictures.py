"""Draw the pictures of docs/planning.md from docs/planning_case.yaml: `python docs/planning_pictures.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from milia.planning import load_case, plan_laser

HERE = Path(__file__).resolve().parent
OPENS, HARMS, INK, PALE = "#0a6584", "#b4430e", "#1c2a31", "#c9d1d4"
# beside its dot, so that dots on each other keep both names
LABEL_AT = {"one_go": (8, 8), "one_pulse_and_look": (8, -8), "stepwise": (8, 4), "titrated": (8, -11)}
SAID = ("explanation", "strategies", "limits", "scenarios", "measure_next", "worst_scenarios")


def main() -> None:
    """Plan the case with each of its lasers, write the pictures and print what the page says in numbers."""
    plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    case = load_case(HERE / "planning_case.yaml")
    plans = {}
    for device in case.devices:
        print(device.title)
        plan = plan_laser(replace(case, device=device, devices=())).to_dict()
        print(json.dumps({key: plan[key] for key in SAID}, indent=1, ensure_ascii=False))
        plans[device.title] = plan
    window(plans, HERE / "img/planning_window.png")
    last = list(plans.values())[-1]
    strategies(last, HERE / "img/planning_strategies.png")
    limits(last, HERE / "img/planning_limits.png")


def save(figure: Any, target: Path) -> None:
    figure.savefig(target, dpi=150, metadata={"Software": None}, bbox_inches="tight")
    plt.close(figure)


def window(plans: Mapping[str, Mapping[str, Any]], target: Path) -> None:
    """Every setting and every strategy of each laser by what it opens and harms, and the window."""
    figure, all_axes = plt.subplots(1, len(plans), figsize=(9.0, 4.2), layout="constrained", sharey=True)
    for axes, (title, plan) in zip(np.atleast_1d(all_axes), plans.items(), strict=True):
        goals, points = plan["goals"], plan["window"]["points"]
        axes.fill_between([0, goals["p_harm_max"]], goals["p_open_min"], 1, color=OPENS, alpha=0.15, lw=0)
        axes.plot([p["p_harm"] for p in points], [p["p_open"] for p in points], "o", ms=3.5, color=PALE)
        for row in plan["strategies"]:
            axes.plot(row["p_harm"], row["p_open"], "o", ms=7, color=INK if row["best"] else HARMS)
            where = (row["p_harm"], row["p_open"])
            axes.annotate(row["title"], where, LABEL_AT[row["name"]], textcoords="offset points", fontsize=8)
        axes.set(xlabel="harm", xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
        axes.set_title(title, loc="left", fontsize=10)
    np.atleast_1d(all_axes)[0].set_ylabel("roof opens")
    save(figure, target)


def spread(axes: Any, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Draw p_open and p_harm of each row with their intervals, one row a line."""
    for at, row in enumerate(rows):
        for key, colour, lift in (("p_open", OPENS, 0.12), ("p_harm", HARMS, -0.12)):
            low, high = row[f"{key}_range"]
            axes.plot([low, high], [-at + lift] * 2, color=colour, lw=2, alpha=0.4)
            axes.plot(row[key], -at + lift, "o", color=colour, ms=6)
    axes.set_yticks([-at for at in range(len(rows))], names)
    axes.set(xlim=(0, 1), xlabel="share of simulated skins")


def strategies(plan: Mapping[str, Any], target: Path) -> None:
    """Strategies, and the setting in every scenario."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 2.8), layout="constrained")
    ways = plan["strategies"]
    spread(left, ways, [f"{row['title']}\n{row['mean_pulses']:.1f} pulses on average" for row in ways])
    left.set_title("strategy", loc="left")
    table = plan["scenarios"]
    rows = [table["drawn"], *table["named"]]
    spread(right, rows, [f"{row['name']}\nweight {row['weight']:g}" for row in rows])
    right.set_title("scenario", loc="left")
    save(figure, target)


def limits(plan: Mapping[str, Any], target: Path) -> None:
    """What the setting does to each limit, against both of its levels."""
    rows = [row for row in plan["limits"] if row["applies"]]
    figure, all_axes = plt.subplots(len(rows), 1, figsize=(7.0, 0.8 * len(rows)), layout="constrained")
    for axes, row in zip(np.atleast_1d(all_axes), rows, strict=True):
        axes.plot([row["p05"], row["p95"]], [0, 0], color=INK, lw=3, solid_capstyle="round")
        axes.plot(row["p50"], 0, "o", color=INK, ms=7)
        axes.axvline(row["warn"], color=HARMS, ls=":", lw=1.5)
        axes.axvline(row["stop"], color=HARMS, lw=1.5)
        unit = {"um": "µm", "share": "of the dermis", "degC": "°C"}[row["unit"]]
        axes.set_title(
            f"{row['title']}, {unit}: warning not kept in {100 * row['p_warn']:.0f} %, "
            f"stop in {100 * row['p_stop']:.0f} %",
            loc="left",
            fontsize=9,
        )
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    save(figure, target)


if __name__ == "__main__":
    main()
