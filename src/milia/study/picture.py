"""One picture of a study: what each policy opens and harms, and how that hangs on the true roof."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# of Okabe & Ito: told apart with any colour vision; shapes tell them apart without colour
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#999999")
SHAPES = ("o", "s", "^", "D", "v", "P", "X", "*")
MEASURES = (("opened", "opened"), ("harmed", "harmed"), ("severe", "severely harmed"))
INK = "#222222"


def picture(found: Mapping[str, Any]) -> bytes:
    """Return the picture as PNG; the same summary gives the same bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"font.size": 9, "axes.edgecolor": INK, "text.color": INK, "savefig.dpi": 150}):
        policies = [row for row in found["policies"] if row["kind"] != "reference"]
        figure = Figure(figsize=(10.0, 2.2 + 0.5 * len(policies)), layout="constrained")
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.2, 1.0, 1.0))
        _forest(left, policies)
        _by_roof(middle, found["by_roof"], "opened")
        _by_roof(right, found["by_roof"], "harmed")
        handles, labels = middle.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(policies)), frameon=False)
        patients = found["study"]["patients"]
        figure.suptitle(f"{found['study']['name']}: {patients} virtual patients", fontsize=10)
        sink = io.BytesIO()
        figure.savefig(sink, format="png", metadata={"Software": None})
    return sink.getvalue()


def _forest(axes: Axes, policies: list[Mapping[str, Any]]) -> None:
    colours = ("#009E73", "#E69F00", "#D55E00")
    for number, (name, label) in enumerate(MEASURES):
        places = [row + 0.22 * (number - 1) for row in range(len(policies))]
        shares = [100.0 * policy[name]["share"] for policy in policies]
        low = [100.0 * (policy[name]["share"] - policy[name]["low"]) for policy in policies]
        high = [100.0 * (policy[name]["high"] - policy[name]["share"]) for policy in policies]
        axes.errorbar(
            shares,
            places,
            xerr=[[max(0.0, end) for end in low], [max(0.0, end) for end in high]],
            fmt=SHAPES[number],
            color=colours[number],
            capsize=2.5,
            markersize=5,
            label=label,
        )
    axes.set_yticks(range(len(policies)), [policy["name"] for policy in policies])
    axes.invert_yaxis()
    axes.set_xlim(-2.0, 102.0)
    axes.set_xlabel("patients [%], 95 % intervals")
    axes.legend(frameon=False, fontsize=8, loc="best")
    _tidy(axes)


def _by_roof(axes: Axes, by_roof: Mapping[str, list[Mapping[str, Any]]], name: str) -> None:
    for number, (policy, classes) in enumerate(by_roof.items()):
        axes.plot(
            [row["roof_mean_um"] for row in classes],
            [100.0 * row[name]["share"] for row in classes],
            marker=SHAPES[number % len(SHAPES)],
            color=COLOURS[number % len(COLOURS)],
            markersize=5,
            linewidth=1.2,
            label=policy,
        )
    axes.set_ylim(-2.0, 102.0)
    axes.set_xlabel("true roof [µm]")
    axes.set_ylabel(f"{name} [%]")
    _tidy(axes)


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
