from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from milia.report.cross_section import cross_section
from milia.report.frequency_array import frequency_array
from milia.report.picture_view import cross_section_data, window_data
from milia.report.section_data import close_view, whole_view
from milia.report.window_chart import NARROW, WIDE, window_chart

SVG = "{http://www.w3.org/2000/svg}"


def by_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [node for node in root.iter() if name in (node.get("class") or "").split()]


def points_of(node: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", node.get("d") or "")]


def section_of(plan: dict[str, Any], *, close: bool = False) -> ElementTree.Element:
    data = cross_section_data(plan)
    assert data is not None
    view = close_view(data) if close else whole_view(data)
    assert view is not None
    return ElementTree.fromstring(cross_section(data, view, name="s", title="Section"))


def window_of(plan: dict[str, Any], width: float = WIDE) -> ElementTree.Element:
    data = window_data(plan)
    assert data is not None
    return ElementTree.fromstring(window_chart(data, width=width, name="w"))


def text_of(root: ElementTree.Element) -> str:
    return " ".join(" ".join(node.itertext()) for node in root.iter(f"{SVG}text")).replace("\u202f", " ")


@pytest.mark.parametrize("close", [False, True])
def test_crater_is_as_deep_and_wide_as_the_plan_says(laser: dict[str, Any], close: bool) -> None:
    root = section_of(laser, close=close)
    scale = float(root.get("data-units-per-um") or "nan")
    surface, axis = float(root.get("data-surface-y") or "nan"), float(root.get("data-axis-x") or "nan")
    crater = points_of(by_class(root, "crater")[0])
    plan = laser["cross_section"]
    assert max(y for _, y in crater) - surface == pytest.approx(max(plan["crater_um"]) * scale, abs=2e-3)
    drawn = {(round((x - axis) / scale), round((y - surface) / scale)) for x, y in crater}
    expected = {
        (sign * round(r), round(d))
        for r, d in zip(plan["r_um"], plan["crater_um"], strict=True)
        for sign in (1, -1)
    }
    assert drawn == expected


@pytest.mark.parametrize("close", [False, True])
def test_cyst_hangs_under_its_roof_in_one_scale(laser: dict[str, Any], close: bool) -> None:
    root = section_of(laser, close=close)
    scale = float(root.get("data-units-per-um") or "nan")
    cyst = by_class(root, "cyst")[0]
    centre, radius = float(cyst.get("cy") or "nan"), float(cyst.get("r") or "nan")
    assert cyst.tag == f"{SVG}circle"
    assert float(cyst.get("cx") or "nan") == pytest.approx(float(root.get("data-axis-x") or "nan"), abs=1e-3)
    assert radius == pytest.approx(500.0 * scale, abs=1e-3)
    assert centre - radius - float(root.get("data-surface-y") or "nan") == pytest.approx(
        90.0 * scale, abs=2e-3
    )


def test_width_and_depth_share_one_scale(laser: dict[str, Any]) -> None:
    root = section_of(laser)
    scale = float(root.get("data-units-per-um") or "nan")
    beam = by_class(root, "beam")[0]
    assert float(beam.get("width") or "nan") == pytest.approx(500.0 * scale, abs=2e-3)
    limit = by_class(root, "limit")[0]
    depth = float(limit.get("y1") or "nan") - float(root.get("data-surface-y") or "nan")
    assert depth == pytest.approx(266.0 * scale, abs=2e-3)


def test_band_lies_between_the_shallow_and_the_deep_crater(laser: dict[str, Any]) -> None:
    root = section_of(laser)
    scale, surface = float(root.get("data-units-per-um") or "nan"), float(root.get("data-surface-y") or "nan")
    band = points_of(by_class(root, "crater-band")[0])
    plan = laser["cross_section"]
    depths = {round((y - surface) / scale) for _, y in band}
    assert max(depths) == round(max(plan["crater_high_um"]))
    assert round(max(plan["crater_low_um"])) in depths


def test_damage_reaches_from_the_crater_to_its_depth(laser: dict[str, Any]) -> None:
    root = section_of(laser)
    scale, surface = float(root.get("data-units-per-um") or "nan"), float(root.get("data-surface-y") or "nan")
    damage = points_of(by_class(root, "damage")[0])
    assert max(y for _, y in damage) - surface == pytest.approx(
        max(laser["cross_section"]["damage_um"]) * scale, abs=2e-3
    )


def test_no_damage_draws_no_damage(laser: dict[str, Any]) -> None:
    laser["cross_section"]["damage_um"] = [0.0] * len(laser["cross_section"]["r_um"])
    assert not by_class(section_of(laser), "damage")


def test_layers_are_named_with_their_thickness(laser: dict[str, Any]) -> None:
    text = text_of(section_of(laser))
    for words in (
        "stratum corneum 8 µm",
        "viable epidermis 44 µm",
        "papillary dermis 88 µm",
        "dermis 660 µm",
        "fat from 800 µm",
    ):
        assert words in text


def test_hard_stop_is_drawn_as_a_wall(laser: dict[str, Any], lid_margin: dict[str, Any]) -> None:
    soft, hard = section_of(laser), section_of(lid_margin)
    assert by_class(soft, "limit")
    assert not by_class(soft, "hard-stop")
    assert by_class(hard, "hard-stop")
    assert not by_class(hard, "limit")
    assert "hard stop 120 µm" in text_of(hard)
    assert "limit 266 µm" in text_of(soft)


def test_close_view_shows_thin_layers_larger(laser: dict[str, Any]) -> None:
    whole, close = section_of(laser), section_of(laser, close=True)
    assert float(close.get("data-units-per-um") or 0) > 1.5 * float(whole.get("data-units-per-um") or 0)


def test_section_without_crater_or_cyst_still_stands(laser: dict[str, Any]) -> None:
    laser["cross_section"] = {"r_um": [], "layers": laser["cross_section"]["layers"]}
    data = cross_section_data(laser)
    assert data is not None
    root = ElementTree.fromstring(cross_section(data, whole_view(data), name="s", title="Section"))
    assert len(by_class(root, "layer")) >= 3
    assert not by_class(root, "cyst")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_thresholds_are_marked_where_the_curves_cross(laser: dict[str, Any], width: float) -> None:
    points = laser["window"]["response"]["points"]

    def crossing(key: str, level: float) -> float:
        for a, b in pairwise(points):
            if a[key] < level <= b[key]:
                return float(a["x"] + (level - a[key]) / (b[key] - a[key]) * (b["x"] - a["x"]))
        raise AssertionError(key)

    root = window_of(laser, width)
    zero, scale = float(root.get("data-x-zero") or "nan"), float(root.get("data-x-per-unit") or "nan")
    opens, harms = crossing("p_open", 0.9), crossing("p_harm", 0.05)
    marks = {
        name: float(by_class(root, name)[0].get("x1") or "nan")
        for name in ("opens-at", "harms-at", "recommended")
    }
    assert (marks["opens-at"] - zero) / scale == pytest.approx(opens, abs=0.01)
    assert (marks["harms-at"] - zero) / scale == pytest.approx(harms, abs=0.01)
    assert (marks["recommended"] - zero) / scale == pytest.approx(35.0, abs=0.01)
    band = by_class(root, "window")[0]
    left, extent = float(band.get("x") or "nan"), float(band.get("width") or "nan")
    assert (left - zero) / scale == pytest.approx(opens, abs=0.01)
    assert (left + extent - zero) / scale == pytest.approx(harms, abs=0.01)
    text = text_of(root)
    assert f"window {opens:.3g}–{harms:.3g} mJ" in text
    assert "−16 %" in text
    assert "+36 %" in text


def test_no_window_is_said_in_the_picture(lid_margin: dict[str, Any]) -> None:
    root = window_of(lid_margin)
    assert "no window" in text_of(root)
    assert by_class(root, "no-window")
    assert not by_class(root, "window")
    assert not by_class(root, "recommended")


def test_opening_that_never_comes_is_said(lid_margin: dict[str, Any]) -> None:
    for point in lid_margin["window"]["response"]["points"]:
        point["p_open"] *= 0.5
    root = window_of(lid_margin)
    assert not by_class(root, "opens-at")
    assert "opening does not reach 90 of 100" in (root.findtext(f"{SVG}desc") or "")
    gap = by_class(root, "no-window")[0]
    harm = float(by_class(root, "harms-at")[0].get("x1") or "nan")
    assert float(gap.get("x") or "nan") == pytest.approx(harm)


@pytest.mark.parametrize(
    ("opening", "harm", "words"),
    [
        ([0.95, 0.99], [0.0, 0.01], "window over the whole range"),
        ([0.95, 0.99], [0.0, 0.1], "window up to 25 mJ"),
        ([0.8, 1.0], [0.0, 0.01], "window from 25 mJ"),
    ],
)
def test_an_edge_outside_the_range_is_not_made_up(
    laser: dict[str, Any], opening: list[float], harm: list[float], words: str
) -> None:
    laser["window"]["response"]["points"] = [
        {"x": x, "p_open": o, "p_harm": h} for x, o, h in zip([20.0, 30.0], opening, harm, strict=True)
    ]
    laser["window"]["response"]["recommended"] = 24.0
    assert words in text_of(window_of(laser))


def test_thresholds_with_room_but_no_setting_between_are_not_called_a_gap(laser: dict[str, Any]) -> None:
    laser["window"] |= {"exists": False}
    root = window_of(laser)
    assert "no setting inside the window" in text_of(root)
    assert not by_class(root, "no-window")


def test_a_single_point_can_be_drawn(laser: dict[str, Any]) -> None:
    laser["window"]["response"]["points"] = [{"x": 35.0, "p_open": 0.95, "p_harm": 0.01}]
    assert by_class(window_of(laser), "recommended")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_letters_are_legible_on_a_phone(laser: dict[str, Any], width: float) -> None:
    root = window_of(laser, width)
    shown = 354.0 if width == NARROW else width
    smallest = min(
        float(node.get("font-size") or root.get("font-size") or 0) for node in root.iter(f"{SVG}text")
    )
    assert smallest * shown / width >= 11.0


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("recommended", [5.0, 35.0, 80.0])
def test_labels_stay_inside_the_picture(laser: dict[str, Any], width: float, recommended: float) -> None:
    laser["window"]["response"]["recommended"] = recommended
    root = window_of(laser, width)
    for node in root.iter(f"{SVG}text"):
        size = float(node.get("font-size") or root.get("font-size") or 0)
        extent = 0.5 * size * len(node.text or "")
        x, anchor = float(node.get("x") or "nan"), node.get("text-anchor")
        left = x - extent if anchor == "end" else x - extent / 2 if anchor == "middle" else x
        assert left >= -6.0, node.text
        assert left + extent <= width + 6.0, node.text


@pytest.mark.parametrize(
    ("p", "low", "high", "sure", "pale"),
    [
        (0.9375, 0.902, 0.964, 90, 6),
        (0.0195, 0.006, 0.045, 1, 3),
        (0.0, 0.0, 0.0, 0, 0),
        (0.999, None, None, 99, 0),
    ],
)
def test_marks_can_be_counted(p: float, low: float | None, high: float | None, sure: int, pale: int) -> None:
    root = ElementTree.fromstring(frequency_array(p, low=low, high=high, kind="harm", name="a"))
    assert len(by_class(root, "mark")) == 100
    assert len(by_class(root, "sure")) == sure
    assert len(by_class(root, "open")) == pale


def test_opening_and_harm_differ_without_colour(laser: dict[str, Any]) -> None:
    disc = ElementTree.fromstring(frequency_array(0.5, low=None, high=None, kind="opening", name="a"))
    diamond = ElementTree.fromstring(frequency_array(0.5, low=None, high=None, kind="harm", name="b"))
    assert {node.tag for node in by_class(disc, "sure")} == {f"{SVG}circle"}
    assert {node.tag for node in by_class(diamond, "sure")} == {f"{SVG}path"}
    root = window_of(laser)
    assert by_class(root, "curve-harm")[0].get("stroke-dasharray")
    assert by_class(root, "curve-open")[0].get("stroke-dasharray") is None


def test_pictures_have_names_for_those_who_do_not_see_them(laser: dict[str, Any]) -> None:
    for root in (window_of(laser), section_of(laser), section_of(laser, close=True)):
        assert root.get("role") == "img"
        ids = {node.get("id") for node in root if node.tag in {f"{SVG}title", f"{SVG}desc"}}
        assert ids == set((root.get("aria-labelledby") or "").split())
        assert root.findtext(f"{SVG}desc")


def test_markup_in_labels_is_escaped(laser: dict[str, Any]) -> None:
    laser["cross_section"]["layers"][3]["name"] = 'a<b> & "c"'
    laser["window"]["response"]["unit"] = "<m&J>"
    assert 'a<b> & "c"' in text_of(section_of(laser))
    assert "<m&J>" in text_of(window_of(laser))
