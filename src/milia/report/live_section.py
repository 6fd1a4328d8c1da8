"""The section of one setting that is tried by hand, without a whole plan around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milia.base import InputError
from milia.language import say
from milia.report.cross_section import cross_section
from milia.report.picture_view import cross_section_data
from milia.report.section_data import describe_section, whole_view


def draw_section(found: Mapping[str, Any], *, name: str = "section-live") -> tuple[str, str]:
    """Draw the section of an answer that holds ``cross_section`` as a plan does.

    Parameters
    ----------
    found
        A mapping with the key ``cross_section``.
    name
        Prefix of the picture's ids, which have to differ from those of other pictures on the same page.

    Returns
    -------
    tuple[str, str]
        One SVG element, and the sentence under it.

    Raises
    ------
    InputError
        If there is no section to draw, or its curves have different lengths.
    """
    data = cross_section_data(found)
    if data is None:
        raise InputError("there is no section to draw", key="cross_section", accepted="r_um and layers")
    svg = cross_section(data, whole_view(data), name=name, title=say("The setting of the dials"))
    return svg, describe_section(data)
