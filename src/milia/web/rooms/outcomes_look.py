"""The pictures of the outcomes: shares with their intervals, and the reliability curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from milia.web.i18n import Words, mark
from milia.web.rooms.outcomes_count import Bin, Group, Share

__all__ = ["MEASURE_NAMES", "forest_chart", "reliability_chart"]

MEASURE_NAMES = {
    "opened": mark("opened"),
    "healed": mark("healed"),
    "mark": mark("mark at week 12"),
    "recurred": mark("came back"),
}
_SHOWN = 12
_COLOURS = {"opened": "--brand", "mark": "--bad"}


def forest_chart(groups: Sequence[Group], name_of: Callable[[Group], str], t: Words) -> dict[str, Any]:
    """Give shares opened and marked of each group, as points with 90 % intervals."""
    shown = list(groups[:_SHOWN])[::-1]
    series: list[dict[str, Any]] = []
    for shift, (measure, colour) in zip((0.16, -0.16), _COLOURS.items(), strict=True):
        points = []
        for row, group in enumerate(shown):
            share: Share = getattr(group, measure)
            if share.share is None:
                continue
            series.append(_bar([[share.low, row + shift], [share.high, row + shift]], colour))
            points.append([round(share.share, 4), row + shift])
        series.append(
            {
                "type": "scatter",
                "name": t(MEASURE_NAMES[measure]),
                "data": points,
                "symbolSize": 11,
                "color": colour,
            }
        )
    return {
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 32, "containLabel": True},
        "legend": {"top": 0, "data": [t(MEASURE_NAMES[measure]) for measure in _COLOURS]},
        "xAxis": {"type": "value", "min": 0, "max": 1, "axisLine": {"onZero": False}},
        "yAxis": [
            {
                "type": "value",
                "min": -0.5,
                "max": len(shown) - 0.5,
                "show": False,
            },
            {
                "type": "category",
                "position": "left",
                "data": [f"{name_of(group)} ({group.treated})" for group in shown],
                "axisTick": {"show": False},
                "axisLabel": {"width": 130, "overflow": "break"},
            },
        ],
        "series": series,
    }


def reliability_chart(bins: Sequence[Bin], t: Words) -> dict[str, Any]:
    """Give how often it came so over the chance that was predicted, with the line of a perfect forecast."""
    bars = [
        _bar(
            [[round(each.predicted, 4), each.seen.low], [round(each.predicted, 4), each.seen.high]], "--brand"
        )
        for each in bins
    ]
    points = [[round(each.predicted, 4), round(each.seen.share or 0.0, 4)] for each in bins]
    perfect = {
        "type": "line",
        "data": [[0, 0], [1, 1]],
        "symbol": "none",
        "silent": True,
        "color": "--soft",
        "lineStyle": {"type": "dashed", "width": 1},
    }
    return {
        "grid": {"left": 48, "right": 16, "top": 28, "bottom": 44},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": 1,
            "name": t("predicted"),
            "nameLocation": "middle",
            "nameGap": 26,
        },
        "yAxis": {"type": "value", "min": 0, "max": 1, "name": t("seen")},
        "series": [perfect, *bars, {"type": "line", "data": points, "symbolSize": 10, "color": "--brand"}],
    }


def _bar(data: list[list[float | None]], colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "data": data,
        "symbol": "none",
        "silent": True,
        "color": colour,
        "lineStyle": {"width": 5, "opacity": 0.3},
    }
