"""Small drawings for people who read little: one for every topic, in strokes on a grid of 24 by 24."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

from milia.report.svg import HARM, INK, OPENING, PAPER, element

Mood = Literal["do", "avoid", "plain", "harm"]

STROKE = 1.7
COLOURS: dict[Mood, str] = {"do": OPENING, "avoid": INK, "plain": INK, "harm": HARM}


@lru_cache(maxsize=1)
def _drawings() -> Mapping[str, Mapping[str, list[str]]]:
    import yaml

    file = resources.files("milia.report.leaflet").joinpath("pictograms.yaml")
    drawings: dict[str, dict[str, list[str]]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return MappingProxyType(drawings)


def topics() -> tuple[str, ...]:
    """Return every topic that has a drawing."""
    return tuple(_drawings())


def pictogram(topic: str, *, mood: Mood = "plain", size: float = 24.0) -> str:
    """Draw a topic; ``avoid`` strikes it through. It is decoration: the sentence beside it says the same.

    Raises
    ------
    KeyError
        If there is no drawing for the topic.
    """
    drawing, colour = _drawings()[topic], COLOURS[mood]
    parts = [element("path", d=path) for path in drawing["lines"]]
    parts += [element("path", d=path, fill=colour, stroke="none") for path in drawing.get("areas", ())]
    if mood == "avoid":
        parts.append(element("path", d="M4.5 4.5 19.5 19.5", stroke=PAPER, stroke_width=5.0))
        parts.append(element("path", d="M3.5 3.5 20.5 20.5", stroke=HARM, stroke_width=2.4))
    return element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 24 24",
        width=size,
        height=size,
        fill="none",
        stroke=colour,
        stroke_width=STROKE,
        stroke_linecap="round",
        stroke_linejoin="round",
        class_="pictogram",
        aria_hidden="true",
    )
