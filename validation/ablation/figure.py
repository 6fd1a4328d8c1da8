"""The picture of the validation: every left-out number beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from validation.ablation.results import GOAL_DAMAGE_FACTOR, GOAL_ERROR, Verdict, in_unit
from validation.ablation.tables import UNIT_WORDS, number, what

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (
    "#1b6ca8",
    "#c1440e",
    "#3f7d20",
    "#7a3e9d",
    "#b08900",
    "#00757a",
    "#8a4b2a",
    "#5b5f97",
    "#a23b72",
    "#444444",
)
INK = "#222222"
SHORT = {
    "mcmillan_2020": "McMillan 2020",
    "eco2": "eCO2",
    "haedersdal_2014": "swine channels 2014",
    "syringoma_2011": "syringoma 2011",
    "green_1992": "Green 1992",
    "walsh_1989_cw": "Walsh 1989",
    "scanned_cw": "scanned beam 1997",
    "fitzpatrick_1999": "Fitzpatrick 1999",
    "choi_1998": "Choi 1998",
    "hantash_2007": "Hantash 2007",
}


def draw(judged: Sequence[Verdict], path: Path) -> None:
    """Write the picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    names = tuple(dict.fromkeys(v.row.study for v in judged))
    colours = dict(zip(names, COLOURS, strict=False))
    with plt.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 5.4), width_ratios=(1.0, 1.15))
        _depths(left, [v for v in judged if v.absolute], colours)
        _others(right, [v for v in judged if not v.absolute], colours)
        figure.tight_layout(w_pad=2.5)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=130, metadata={"Software": None})
        plt.close(figure)


def _depths(axes: Axes, judged: Sequence[Verdict], colours: dict[str, str]) -> None:
    """Depths in µm, measured along, predicted up, both logarithmic."""
    import numpy as np

    ends = np.array([40.0, 5000.0])
    axes.fill_between(
        ends,
        (1 - GOAL_ERROR) * ends,
        (1 + GOAL_ERROR) * ends,
        color="#dddddd",
        lw=0,
        label=f"±{100 * GOAL_ERROR:.0f} %",
    )
    axes.plot(ends, ends, color="#999999", lw=0.8)
    told: set[str] = set()
    peers = False
    for v in judged:
        assert v.row.value is not None
        x, s = in_unit(v.row, v.row.value), v.left_out
        label = None if v.row.study in told else SHORT[v.row.study]
        told.add(v.row.study)
        axes.plot([x, x], [v.widened.low, v.widened.high], color=colours[v.row.study], lw=4, alpha=0.18)
        axes.errorbar(
            x, s.middle, yerr=[[s.middle - s.low], [s.high - s.middle]], fmt="o", ms=5, lw=1.4, capsize=2.5,
            color=colours[v.row.study], label=label, mfc=colours[v.row.study] if v.covered else "white",
        )  # fmt: skip
        if v.row.peer is not None:
            axes.plot(
                x,
                in_unit(v.row, v.row.peer),
                "x",
                ms=6,
                color=INK,
                label=None if peers else "McMillan's own model",
            )
            peers = True
    axes.set(xscale="log", yscale="log", xlim=(90, 3500), ylim=(40, 5000))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xticks([100, 200, 500, 1000, 2000])
    axes.set_yticks([50, 100, 200, 500, 1000, 2000, 5000])
    axes.minorticks_off()
    axes.set_xlabel("measured depth, µm")
    axes.set_ylabel("predicted with the study left out, µm (median, 90 %)")
    axes.set_title("Depths (hollow: not covered; pale: widened)", loc="left", fontweight="bold")
    axes.legend(frameon=False, fontsize=8, loc="upper left")


def _others(axes: Axes, judged: Sequence[Verdict], colours: dict[str, str]) -> None:
    """Everything else as predicted over measured; limits and ranges as bars."""
    axes.axvspan(1 / GOAL_DAMAGE_FACTOR, GOAL_DAMAGE_FACTOR, color="#eeeeee", lw=0)
    axes.axvline(1.0, color="#999999", lw=0.8)
    labels = []
    for place, v in enumerate(reversed(judged)):
        row = v.row
        reference = row.low if row.relation == "between" else row.value
        assert reference is not None
        scale = in_unit(row, reference)
        low, middle, high = (
            max(x / scale, 0.02) for x in (v.left_out.low, v.left_out.middle, v.left_out.high)
        )
        colour = colours[row.study]
        if row.relation == "between":
            assert row.high is not None
            axes.plot([1.0, in_unit(row, row.high) / scale], [place] * 2, color=colour, lw=9, alpha=0.25)
        elif row.relation == "at_least":
            axes.plot([1.0, 20.0], [place] * 2, color=colour, lw=9, alpha=0.25)
        elif row.relation == "at_most":
            axes.plot([0.02, 1.0], [place] * 2, color=colour, lw=9, alpha=0.25)
        axes.errorbar(
            middle, place, xerr=[[middle - low], [high - middle]], fmt="o", ms=5, lw=1.4, capsize=2.5,
            color=colour, mfc=colour if v.covered else "white",
        )  # fmt: skip
        sign = {"equals": "", "at_least": "≥ ", "at_most": "≤ ", "between": "from "}[row.relation]
        unit = UNIT_WORDS[row.unit]
        labels.append(f"{SHORT[row.study]}: {what(row)}, {sign}{number(scale)} {unit}".strip())
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set(xscale="log", xlim=(0.02, 20))
    axes.set_xticks([0.02, 0.1, 0.5, 1, 2, 5, 20])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.minorticks_off()
    axes.set_xlabel("predicted over measured; bars: what a limit or a range allows")
    axes.set_title("Damage, heat, ratios and limits", loc="left", fontweight="bold")
