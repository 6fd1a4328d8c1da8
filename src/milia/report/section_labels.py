"""Names beside the cross-section: the layers at its right, the site's limit across it."""

from __future__ import annotations

from collections.abc import Sequence

from milia.language import say
from milia.report.numbers import with_unit
from milia.report.scale import LinearScale
from milia.report.svg import HARM, INK, MUTED, element, halo_label, label, line, path_of, spread_labels

GAP = 30.0
SIZE = 11.5


def layer_labels(
    layers: Sequence[tuple[str, float, float]], y: LinearScale, *, right: float, top: float, bottom: float
) -> list[str]:
    """Write each visible layer's name and thickness, joined to it by a thin line.

    The last layer runs on below the picture's model, so it gets the depth where it starts, not a thickness.
    """
    shown = [
        (name, low, high, y((low + min(high, y.high)) / 2)) for name, low, high in layers if low < y.high
    ]
    places = spread_labels([row[3] for row in shown], gap=GAP, low=top - 44, high=bottom - 8)
    parts = []
    for (name, low, high, centre), place in zip(shown, places, strict=True):
        last = (name, low, high) == tuple(layers[-1])
        size = say("from {depth}", depth=with_unit(low, "µm")) if last else with_unit(high - low, "µm")
        leader = path_of([(right, centre), (right + 7, centre), (right + 13, place), (right + 17, place)])
        parts.append(element("path", d=leader, stroke=MUTED, stroke_width=0.8, fill="none"))
        x = right + 20
        parts.append(label(say(name.replace("_", " ")), x, place - 1, font_size=SIZE, fill=INK))
        parts.append(label(size, x, place + 12, font_size=SIZE - 0.5, fill=MUTED))
    return parts


def depth_limit(
    limit_um: float | None, y: LinearScale, left: float, right: float, *, hard_stop: bool, name: str
) -> list[str]:
    """Draw the depth that this site may lose: a dashed line, or a hatched wall where nothing may pass."""
    if limit_um is None or limit_um > y.high:
        return []
    at = y(limit_um)
    if not hard_stop:
        return [
            line(left, at, right, at, stroke=HARM, stroke_width=1.8, stroke_dasharray="8 4", class_="limit")
        ]
    return [
        element("rect", x=left, y=at, width=right - left, height=9.0, fill=f"url(#{name}-stop)"),
        line(left, at, right, at, stroke=HARM, stroke_width=3.6, class_="hard-stop"),
    ]


def site_markers(
    limit_um: float | None, y: LinearScale, left: float, *, bottom: float, hard_stop: bool
) -> list[str]:
    """Write the limit's name at its line, or at the lower edge where the line lies below the view."""
    if limit_um is None:
        return []
    depth = with_unit(limit_um, "µm")
    words = say("hard stop {depth}", depth=depth) if hard_stop else say("limit {depth}", depth=depth)
    look = {"fill": HARM, "font_weight": 600, "font_size": SIZE}
    if limit_um > y.high:
        return [halo_label(say("{limit}, deeper", limit=words), left + 5, bottom - 7, **look)]
    at = y(limit_um)
    below = at + (24 if hard_stop else 14)
    fits = below < bottom - 2
    return [halo_label(words, left + 5, below if fits else at - 6, **look)]
