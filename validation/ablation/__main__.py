"""One command: python -m validation.ablation [--refit | --rebuild]. Redraws tables and picture."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from validation.ablation import store
from validation.ablation.balance import balance_table, depth_rows
from validation.ablation.figure import draw
from validation.ablation.publish import publish
from validation.ablation.results import needed, shown_only, summary, verdicts
from validation.ablation.stages import (
    ALL,
    Effort,
    Fold,
    emulate,
    leave_out,
    load,
    predict_all,
    say,
    simulate,
)
from validation.ablation.tables import (
    ejection_table,
    goal_table,
    left_out_table,
    needed_table,
    parameter_table,
    shown_table,
    study_table,
    unused_table,
)

from milia.base import write_atomically
from milia.calibration.beliefs import calibrated_prior
from milia.calibration.fingerprint import stale, stamp
from milia.calibration.measurements import study
from milia.calibration.posterior import load_draws

EJECTION = "ejection_heating"
HERE = Path(__file__).parent
PICTURE = HERE.parents[1] / "docs" / "img" / "validation_ablation.png"
PAGE = HERE / "README.md"
FIGURES = HERE / "results" / "figures.json"
BEGIN, END = "<!-- written by the command: begin -->", "<!-- written by the command: end -->"


def main() -> int:
    """Redraw from what is cached; simulate and fit again where asked. 1 where the cache is stale."""
    parser = argparse.ArgumentParser(prog="python -m validation.ablation", description=__doc__)
    parser.add_argument(
        "--refit", action="store_true", help="fit and predict again from the cached design (about 20 min)"
    )
    parser.add_argument(
        "--rebuild", action="store_true", help="simulate the design again as well (about 40 min)"
    )
    asked = parser.parse_args()
    effort = Effort()
    if asked.rebuild or asked.refit:
        waves = simulate(effort) if asked.rebuild else load(effort)
        folds = leave_out(emulate(waves), effort)
        predict_all(folds, effort)
        store.write_stamp(stamp())
    reasons = stale(store.read_stamp())
    for reason in reasons:
        print(f"STALE: {reason}. Run python -m validation.ablation --rebuild.", file=sys.stderr)
    told = redraw(effort, write_posterior=asked.rebuild or asked.refit)
    print("\n".join(goal_table(told)))
    return 1 if reasons else 0


def redraw(effort: Effort, *, write_posterior: bool) -> dict[str, Any]:
    """Write tables, figures and picture from the cached predictions."""
    found = store.read_predictions()
    judged, beside = verdicts(found), shown_only(found)
    told = summary(found)
    folds = store.read_folds()
    if write_posterior:
        publish(folds, told, store.read_stamp(), effort)
        load_draws.cache_clear()
    draw(judged, PICTURE)
    lines = [
        BEGIN,
        "",
        "## Goals",
        "",
        *goal_table(told),
        "",
        f"Limits and ranges reached by the interval: {told['limits_reached']} of {told['limits']}. Factor by "
        f"which the scatter is widened, from all studies: {told['widened_energy']:.2f} (energy), "
        f"{told['widened_damage']:.2f} (damage).",
        "",
        "## Each study predicted by the others",
        "",
        *study_table(told, judged),
        "",
        "Median and 90 % interval of what the study would have measured, measurement error included, from "
        "the engine itself. A peer's own number stands in the last column, with its error.",
        "",
        *left_out_table(judged),
        "",
        "![predicted and measured](../../docs/img/validation_ablation.png)",
        "",
        "## What the misses ask for",
        "",
        *needed_table(needed(found)),
        "",
        "## What the measured craters cost",
        "",
        "Share of the energy fired, losses aside, that a cylinder of spot and depth takes: median and 90 % "
        "over priors and spots.",
        "",
        *balance_table(depth_rows()),
        "",
        "## Whether ejection is needed",
        "",
        "Posterior over prior of `ejection_heating` [W/m³]: the higher it is, the less is thrown out.",
        "",
        *ejection_table(
            _ejection(folds), next(m for m in calibrated_prior() if m.name == "ejection_heating")
        ),
        "",
        "## Simulated, not fitted",
        "",
        *shown_table(beside),
        "",
        "## Not simulated",
        "",
        *unused_table(),
        "",
        "## Parameters",
        "",
        *parameter_table([*calibrated_prior()], load_draws()),
        "",
        f"Chain of all studies: {folds[ALL].diagnostics}. Worst R-hat of a fold: "
        f"{max(fold.diagnostics['r_hat_worst'] for fold in folds.values()):.3f}.",
        "",
        END,
    ]
    _into_page(lines)
    FIGURES.parent.mkdir(exist_ok=True)
    write_atomically(FIGURES, json.dumps(told, indent=1) + "\n")
    say("tables and picture written")
    return told


def _ejection(folds: Mapping[str, Fold]) -> dict[str, list[float]]:
    """Draws of the heating at which tissue is thrown out, by what was fitted."""
    return {
        "all" if name == ALL else f"without {study(name).title}": [
            m["ejection_heating"] for m in fold.members
        ]
        for name, fold in folds.items()
        if name == ALL or any(row.study == name for row in depth_rows())
    }


def _into_page(lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)[0], text.split(END)[-1]
    write_atomically(PAGE, head + "\n".join(lines) + rest)


if __name__ == "__main__":
    sys.exit(main())
