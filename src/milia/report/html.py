"""The report as one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from milia.language import ENGLISH, Language, say, speaking
from milia.report.pictures import Pictures, draw
from milia.report.view import report_view

if TYPE_CHECKING:
    from jinja2 import Template


def render_html(plan: Mapping[str, Any], language: Language = ENGLISH) -> str:
    """Return a plan as one HTML file that needs no other file, no network and no script.

    Parameters
    ----------
    plan
        The plan as `Plan.to_dict()` or a saved plan file gives it.
    language
        Of whoever reads it: English, or a language of the staff's pages.

    Returns
    -------
    str
        The page; the same plan gives the same bytes.

    Raises
    ------
    InputError
        If the mapping is not a plan, or its numbers contradict each other.
    """
    from milia.care import spoken_plan

    said, told = spoken_plan(plan, language)
    with speaking(language):
        view = report_view(said)
        pictures = draw(said, view.certainty)
        return _template().render(
            view=view, pictures=_trusted(pictures), language=language.tag, told=told, say=say
        )


def _trusted(pictures: Pictures) -> dict[str, Any]:
    """Mark the drawn pictures as markup; the captions stay plain texts, so that they are escaped."""
    from markupsafe import Markup

    drawn = ("opening", "harm", "window_wide", "window_narrow", "section_whole", "section_close")
    return asdict(pictures) | {name: Markup(getattr(pictures, name)) for name in drawn}


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
    return environment.get_template("report.html.j2")
