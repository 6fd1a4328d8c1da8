"""All pictures of one report, drawn once for the page or for the printed document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.language import say
from milia.report.certainty_view import CertaintyView
from milia.report.cross_section import cross_section
from milia.report.frequency_array import frequency_array
from milia.report.picture_view import cross_section_data, fixed_settings, tried_settings, window_data
from milia.report.reading import section
from milia.report.section_data import close_view, describe_section, whole_view
from milia.report.window_chart import NARROW, WIDE, window_chart
from milia.report.window_data import describe_window


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures as SVG texts, with the sentences under them; an empty text where there is none."""

    opening: str
    harm: str
    window_wide: str
    window_narrow: str
    window_caption: str
    section_whole: str
    section_close: str
    section_caption: str
    hard_stop: bool


def draw(
    plan: Mapping[str, Any],
    certainty: CertaintyView | None,
    *,
    wide: float = WIDE,
    font_family: str | None = None,
) -> Pictures:
    """Draw everything that the plan has numbers for; `wide` is the width of the wide drawing [px]."""
    arrays = {"opening": "", "harm": ""}
    for chance in certainty.chances if certainty else ():
        kind = "opening" if chance.kind == "opening" else "harm"
        arrays[kind] = frequency_array(
            chance.probability,
            low=chance.low,
            high=chance.high,
            kind="opening" if kind == "opening" else "harm",
            name=f"array-{kind}",
            font_family=font_family,
        )
    full, narrow, window_caption = _window(plan, wide, font_family)
    whole, close, section_caption = _section(plan, font_family)
    return Pictures(
        opening=arrays["opening"],
        harm=arrays["harm"],
        window_wide=full,
        window_narrow=narrow,
        window_caption=window_caption,
        section_whole=whole,
        section_close=close,
        section_caption=section_caption,
        hard_stop=section(plan, "cross_section").get("hard_stop") is True,
    )


def _window(plan: Mapping[str, Any], wide: float, font_family: str | None) -> tuple[str, str, str]:
    data = window_data(plan)
    if data is None:
        return "", "", ""
    fixed = fixed_settings(plan)
    caption = describe_window(data)
    if fixed:
        caption += f" {say('Held fixed: {settings}.', settings=fixed)}"
    tried = tried_settings(plan)
    if tried:
        caption += f" {tried}"
    return (
        window_chart(data, width=wide, name="window-wide", font_family=font_family),
        window_chart(data, width=NARROW, name="window-narrow", font_family=font_family),
        caption,
    )


def _section(plan: Mapping[str, Any], font_family: str | None) -> tuple[str, str, str]:
    data = cross_section_data(plan)
    if data is None:
        return "", "", ""
    close = close_view(data)
    caption = describe_section(data)
    if plan.get("settings") is None and data.crater_um and max(data.crater_um) > 0:
        words = say("The crater is that of the closest setting that was tried; it is not recommended.")
        caption += f" {words}"
    whole = cross_section(
        data, whole_view(data), name="section-whole", title=say("The whole cyst"), font_family=font_family
    )
    if close is None:
        return whole, "", caption
    detail = cross_section(
        data, close, name="section-close", title=say("The roof, closer"), font_family=font_family
    )
    return whole, detail, caption
