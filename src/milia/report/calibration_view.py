"""The report of a device's calibration: one page with pictures, from what `milia calibrate --json` prints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from milia.report.scale import LinearScale, ticks
from milia.report.svg import (
    FAINT,
    HAIRLINE,
    HARM,
    INK,
    MUTED,
    OPENING,
    OPENING_TINT,
    element,
    label,
    line,
    path_of,
    picture,
)

if TYPE_CHECKING:
    from jinja2 import Template

WIDTH = 720.0
ROW = 34.0
LEFT, RIGHT = 150.0, 30.0
POINTS = 121
NAMES = {
    "decomposition_heat": "heat of ablation",
    "ablation_temperature": "ablation temperature",
    "boil_end": "end of boiling",
    "plume_per_aspect": "loss in plume and walls",
    "plume_exponent": "loss in deep channels",
    "ejection_share": "boiling before ejection",
    "ejection_heating": "heating that ejects",
    "water_absorption_slope": "hot water's absorption",
    "dry_absorption": "dry tissue's absorption",
    "conductivity_scale": "heat conduction",
    "char_thickness": "char",
    "living_damage": "damage threshold",
    "cell_death": "damage set",
}


def render_calibration(result: Mapping[str, Any]) -> str:
    """Return the report of a calibration as one HTML file that needs no other file, network or script.

    Parameters
    ----------
    result
        What `milia calibrate --json` prints.

    Returns
    -------
    str
        The page; the same result gives the same bytes.
    """
    from markupsafe import Markup

    return _template().render(
        result=result,
        share_picture=Markup(share_picture(result)),
        shots_picture=Markup(shots_picture(result)),
        parameters=[
            {
                "name": NAMES.get(one["name"], one["name"]),
                "before": _band(one["before"]),
                "after": _band(one["after"]),
                "narrowed": f"{100 * max(one['narrowed'], 0.0):.0f} %",
            }
            for one in result["parameters"]
        ],
        shots=_rows(result),
        percent=lambda share: f"{100 * share:.0f} %",
        two=lambda found: f"{found['p50']:.2f} ({found['p05']:.2f} to {found['p95']:.2f})",
    )


def _band(found: Mapping[str, float]) -> str:
    return f"{found['p50']:.3g} ({found['p05']:.3g} to {found['p95']:.3g})"


def _rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    alone = {one["label"]: one for one in result["single_shots_say"]}
    return [
        {
            "label": one["label"],
            "measured": f"{one['measured_um']:.3g} µm",
            "predicted": f"{one['p50_um']:.3g} ({one['p05_um']:.3g} to {one['p95_um']:.3g}) µm",
            "inside": one["inside"],
            "alone": f"{alone[one['label']]['share']:.2f}" if one["label"] in alone else "–",
        }
        for one in result["predictive_check"]
    ]


def _density(found: Mapping[str, float], value: float) -> float:
    """Lognormal density with the stated median and 90 %, up to a constant."""
    sd = max(math.log(found["p95"] / max(found["p05"], 1e-6)) / 3.29, 1e-3)
    away = math.log(value / found["p50"]) / sd
    return math.exp(-0.5 * away * away) / (sd * value)


def share_picture(result: Mapping[str, Any]) -> str:
    """Draw what was believed of the delivered share before and after, and what single shots say."""
    height, base, top = 250.0, 200.0, 24.0
    before, after = result["effective_share"]["before"], result["effective_share"]["after"]
    shares = [one["share"] for one in result["single_shots_say"]]
    low = min(0.5 * after["p05"], *[0.9 * share for share in shares], 0.8) if shares else 0.4
    high = max(1.4 * after["p95"], *[1.1 * share for share in shares], 1.2) if shares else 1.6
    x = LinearScale(low, high, 40.0, WIDTH - RIGHT)
    grid = [low + (high - low) * n / (POINTS - 1) for n in range(POINTS)]
    most = max(_density(after, value) for value in grid)
    y = LinearScale(0.0, most, base, top)

    def curve(found: Mapping[str, float]) -> list[tuple[float, float]]:
        return [(x(value), y(_density(found, value))) for value in grid]

    parts = [
        element(
            "path",
            d=path_of([(x(low), base), *curve(after), (x(high), base)], closed=True),
            fill=OPENING_TINT,
            stroke="none",
        ),
        element(
            "path",
            d=path_of(curve(before)),
            fill="none",
            stroke=FAINT,
            stroke_width=1.5,
            stroke_dasharray="4 4",
        ),
        element("path", d=path_of(curve(after)), fill="none", stroke=OPENING, stroke_width=2),
        line(x(low), base, x(high), base, stroke=INK, stroke_width=1),
    ]
    for tick in ticks(low, high, about=8):
        parts.append(line(x(tick), base, x(tick), base + 5, stroke=INK))
        parts.append(label(f"{tick:g}", x(tick), base + 20, font_size=13, fill=MUTED, text_anchor="middle"))
    parts.extend(line(x(share), base - 14, x(share), base, stroke=HARM, stroke_width=2) for share in shares)
    if low < 1.0 < high:
        parts.append(line(x(1.0), top, x(1.0), base, stroke=HAIRLINE, stroke_width=1.5))
        parts.append(label("as displayed", x(1.0) + 5, top + 10, font_size=12, fill=MUTED))
    parts.append(
        label(
            "share of the displayed energy that gives the measured craters", x(low), base + 42,
            font_size=13, fill=MUTED,
        )
    )  # fmt: skip
    return picture(
        *parts,
        width=WIDTH,
        height=height,
        name="share",
        title="Delivered share before and after",
        description="Dashed: before the shots. Filled: after them. Ticks: what each shot says by itself.",
        font_family=None,
    )


def shots_picture(result: Mapping[str, Any]) -> str:
    """Draw every measured number beside the 90 % interval of the calibrated simulation."""
    rows: Sequence[Mapping[str, Any]] = result["predictive_check"]
    height = 46.0 + ROW * len(rows)
    most = 1.05 * max(max(one["p95_um"], one["measured_um"]) for one in rows)
    x = LinearScale(0.0, most, LEFT, WIDTH - RIGHT)
    base = height - 36.0
    parts = []
    for tick in ticks(0.0, most, about=7):
        parts.append(line(x(tick), 6, x(tick), base, stroke=HAIRLINE))
        parts.append(label(f"{tick:g}", x(tick), base + 18, font_size=13, fill=MUTED, text_anchor="middle"))
    for number, one in enumerate(rows):
        y = 6.0 + ROW * (number + 0.5)
        width = max(x(one["p95_um"]) - x(one["p05_um"]), 1.0)
        parts.append(
            element("rect", x=x(one["p05_um"]), y=y - 6, width=width, height=12.0, rx=3.0, fill=OPENING_TINT)
        )
        parts.append(line(x(one["p50_um"]), y - 6, x(one["p50_um"]), y + 6, stroke=OPENING, stroke_width=2))
        colour = INK if one["inside"] else HARM
        parts.append(element("circle", cx=x(one["measured_um"]), cy=y, r=4.5, fill=colour))
        parts.append(label(one["label"], LEFT - 12, y + 4, font_size=13, fill=INK, text_anchor="end"))
    parts.append(label("µm", WIDTH - RIGHT + 4, base + 18, font_size=13, fill=MUTED))
    return picture(
        *parts,
        width=WIDTH,
        height=height,
        name="shots",
        title="Measured and simulated craters",
        description="Bars: 90 % of what the calibrated simulation expects. Dots: measured.",
        font_family=None,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("milia.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("calibration.html.j2")
