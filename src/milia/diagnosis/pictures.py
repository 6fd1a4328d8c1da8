"""The differential as a picture and as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from milia.diagnosis.assessment import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from milia.diagnosis.assessment import Assessment

_BENIGN, _MUST = "#3b6ea5", "#b5403a"


def differential_figure(assessment: Assessment, *, count: int = 8) -> Figure:
    """Draw the leading groups with the 90 % interval of each probability.

    Parameters
    ----------
    assessment
        What to draw.
    count
        Number of groups.
    """
    from matplotlib.figure import Figure

    shown = assessment.differential[:count]
    figure = Figure(figsize=(6.4, 0.45 * len(shown) + 1.3), layout="constrained")
    axes = figure.add_subplot()
    for row, candidate in enumerate(shown):
        colour = _MUST if candidate.must_refer else _BENIGN
        interval = candidate.interval
        axes.plot(
            [interval.p05, interval.p95],
            [row, row],
            color=colour,
            linewidth=6,
            alpha=0.35,
            solid_capstyle="butt",
        )
        axes.plot(candidate.probability, row, "o", color=colour, markersize=6)
    axes.set_yticks(range(len(shown)), [candidate.group for candidate in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("probability, with its 90 % interval (red: refer before treatment)")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    return figure


def differential_html(assessment: Assessment, *, count: int = 6) -> str:
    """Write the leading groups, the referral and the next question as a small HTML table."""
    rows = "".join(
        f"<tr><td>{escape(c.condition)}</td><td>{percent(c.probability)}</td>"
        f"<td>{percent(c.interval.p05)} to {percent(c.interval.p95)}</td>"
        f"<td>{escape(', '.join(r.finding for r in c.reasons_for[:3]))}</td>"
        f"<td>{escape(', '.join(r.finding for r in c.reasons_against[:3]))}</td></tr>"
        for c in assessment.differential[:count]
    )
    refer = assessment.refer
    sent = (
        f"Refer, {refer.urgency}: {' '.join(refer.reasons)}"
        if refer.needed
        else "No red flag in what is recorded."
    )
    ask = f"<p>Check next: {escape(assessment.ask_next[0].question)}</p>" if assessment.ask_next else ""
    return (
        f"<p><strong>{escape(sent)}</strong></p><table><tr><th>condition</th><th>probability</th>"
        f"<th>90 %</th><th>for</th><th>against</th></tr>{rows}</table>{ask}"
    )
