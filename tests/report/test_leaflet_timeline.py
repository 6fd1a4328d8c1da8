"""The strip of days: what is drawn stands where its days are."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise

import pytest

from milia.care import CarePack
from milia.language import ENGLISH, LANGUAGES, Language, date_text
from milia.report.leaflet.timeline import NARROW, RIM, WIDE, described, last_day, timeline

PackMaker = Callable[..., CarePack]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(pack: CarePack, known: Language = ENGLISH, *, width: float = WIDE) -> ET.Element:
    return ET.fromstring(timeline(pack, known, width=width, name="strip", font_family=None))


def place(day: float, end: int, width: float = WIDE) -> float:
    return RIM + (width - 2 * RIM) * math.sqrt(day / end)


@pytest.mark.parametrize("action", ["laser", "extract", "observe", "newborn", "refer"])
def test_every_phase_spans_its_days(make_pack: PackMaker, action: str) -> None:
    pack = make_pack(action)
    end = last_day(pack)
    found = {
        rect.get("data-phase"): rect for rect in drawn(pack).iter(f"{SVG}rect") if rect.get("data-phase")
    }
    assert list(found) == [phase.key for phase in pack.phases]
    for phase in pack.phases:
        left, width = (float(str(found[phase.key].get(name))) for name in ("x", "width"))
        stop = end if phase.day_to is None else phase.day_to + 1
        assert left == pytest.approx(place(phase.day_from, end), abs=1.01)
        assert left + width == pytest.approx(place(stop, end), abs=1.01)


def test_phases_in_one_lane_do_not_cover_each_other(make_pack: PackMaker) -> None:
    rects = [rect for rect in drawn(make_pack("laser")).iter(f"{SVG}rect") if rect.get("data-phase")]
    lanes: dict[str, list[tuple[float, float]]] = {}
    for rect in rects:
        left, width = float(str(rect.get("x"))), float(str(rect.get("width")))
        lanes.setdefault(str(rect.get("y")), []).append((left, left + width))
    assert len(lanes) == 2
    for spans in lanes.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(spans)))


def test_every_visit_is_marked_and_the_last_day_is_the_end(make_pack: PackMaker) -> None:
    pack = make_pack("laser")
    marks = [mark.get("data-visit") for mark in drawn(pack).iter(f"{SVG}g") if mark.get("data-visit")]
    assert marks == [visit.key for visit in pack.visits]
    assert last_day(pack) >= max(visit.day_to for visit in pack.visits) + 1


@pytest.mark.parametrize("known", LANGUAGES, ids=lambda known: known.tag)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_dates_stay_inside_and_apart(make_pack: PackMaker, known: Language, width: float) -> None:
    pack = make_pack("laser")
    root = drawn(pack, known, width=width)
    rows: dict[str, list[tuple[float, float]]] = {}
    for text in root.iter(f"{SVG}text"):
        said, x = str(text.text), float(str(text.get("x")))
        half = sum(11.0 if ord(c) > 0x1100 else 5.6 for c in said) / 2
        rows.setdefault(str(text.get("y")), []).append((x - half, x + half))
    assert all(left >= -0.5 and right <= width + 0.5 for row in rows.values() for left, right in row)
    assert all(a[1] <= b[0] for row in rows.values() for a, b in pairwise(sorted(row)))
    shown = {text.text for text in root.iter(f"{SVG}text")}
    assert date_text(pack.start, known, style="short") in shown
    assert date_text(pack.visits[0].date_from, known, style="short") in shown


def test_words_for_those_who_do_not_see_it(make_pack: PackMaker) -> None:
    pack = make_pack("laser")
    said = described(pack, ENGLISH)
    assert drawn(pack).findtext(f"{SVG}desc") == said
    assert all(phase.title.text() in said for phase in pack.phases)
    assert all(visit.title.text() in said for visit in pack.visits)
