from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from milia.base import InputError
from milia.report import render_html

THIN = "\u202f"
ACTIONS = ("laser", "extract", "electrosurgery", "observe", "refer", "assess_first")
VOID = {"meta", "link", "br", "hr", "img", "input"}
Load = Callable[[str], dict[str, Any]]


class Page(HTMLParser):
    """Collects what a page says and what it would load; fails where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.ids: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    @property
    def said(self) -> str:
        """The text with ordinary single spaces."""
        return re.sub(r"\s+", " ", self.text)


def said(plan: dict[str, Any]) -> str:
    return Page(render_html(plan)).said


def test_every_setting_stands_there_in_every_unit(laser: dict[str, Any]) -> None:
    energy, duration, spot = 37.5e-3, 812.5e-6, 0.42e-3
    interval, pulses = 0.16, 3
    area_cm2 = math.pi * (spot * 100 / 2) ** 2
    laser["settings"] = {
        "pulse_energy_mJ": energy * 1e3,
        "pulse_duration_us": duration * 1e6,
        "spot_diameter_um": spot * 1e6,
        "pulses": pulses,
        "interval_ms": interval * 1e3,
        "passes": 2,
        "peak_fluence_J_cm2": 2 * energy / area_cm2,
    }
    text = said(laser)
    for value in (
        "37.5 mJ",
        "0.0375 J",
        "812.5 µs",
        "0.8125 ms",
        "0.42 mm",
        "420 µm",
        "160 ms",
        "6.25 Hz",
        f"{energy / area_cm2:.3g} J/cm²",
        f"{2 * energy / area_cm2:.3g} J/cm²",
        f"{energy / duration:.3g} W",
        f"{energy / duration / area_cm2 / 1e3:.3g} kW/cm²",
        f"{energy / interval:.3g} W",
        f"{energy * 1e3 * pulses * 2:.3g} mJ",
    ):
        assert value in text, value
    assert re.search(r"pulses\s*3\D", text)
    assert re.search(r"passes\s*2\D", text)


@pytest.mark.parametrize(
    "key", ["fluence_J_cm2", "irradiance_kW_cm2", "power_W", "average_power_W", "repetition_Hz"]
)
def test_a_derived_number_that_contradicts_the_dial_is_refused(laser: dict[str, Any], key: str) -> None:
    laser["settings"][key] *= 1.1
    with pytest.raises(InputError, match=f"settings.{key}"):
        render_html(laser)


@pytest.mark.parametrize("value", [None, 0, -1.0, math.nan, "35"])
def test_a_setting_without_its_energy_is_refused(laser: dict[str, Any], value: object) -> None:
    laser["settings"]["pulse_energy_mJ"] = value
    with pytest.raises(InputError, match="pulse_energy_mJ"):
        render_html(laser)


def test_chances_are_counted_in_simulated_skins(laser: dict[str, Any]) -> None:
    text = said(laser)
    assert "In 94 of 100 simulated skins like this, the roof opens at least 400 µm wide." in text
    assert "Interval 90 to 97 of 100." in text
    assert "In 2 of 100 simulated skins like this, harm goes past" in text
    assert "256 simulated skins" in text
    for name in laser["certainty"]["rests_on"]:
        assert name in text


def test_sections_come_in_the_order_of_the_work(laser: dict[str, Any]) -> None:
    page = Page(render_html(laser))
    headings = [attrs["id"] for tag, attrs in page.tags if tag == "h2"]
    assert headings == [
        *("settings", "certainty", "window", "section", "pulses", "alternatives", "measure"),
        *("safety", "aftercare", "followup", "warnings", "sources"),
    ]
    assert page.said.index(laser["action"].capitalize()) < page.said.index("Settings")


def test_what_the_plan_says_is_on_the_page(laser: dict[str, Any]) -> None:
    text = said(laser).replace("\u00a0", " ")
    sentences = [laser["headline"], *laser["reasons"], *laser["warnings"]]
    sentences += [item[key] for item in laser["safety"] for key in ("title", "text")]
    sentences += [
        word for item in laser["alternatives"] for word in (*item["for"], *item["against"], item["title"])
    ]
    sentences += [word for step in laser["aftercare"]["steps"] for word in (*step["do"], *step["avoid"])]
    sentences += [sign[key] for sign in laser["aftercare"]["warning_signs"] for key in ("sign", "action")]
    sentences += [
        word for visit in laser["followup"] for word in (visit["title"], visit["purpose"], *visit["ask"])
    ]
    sentences += [item[key] for item in laser["measure_next"] for key in ("input", "how")]
    sentences += [source["citation"] for source in laser["provenance"]["sources"]]
    sentences += [laser["provenance"]["version"], *laser["provenance"]["parameter_sets"]]
    missing = [sentence for sentence in sentences if sentence not in text]
    assert not missing


def test_references_lead_to_their_source(laser: dict[str, Any]) -> None:
    laser["safety"][2]["evidence"] = ["site.lower_eyelid.total"]
    page = Page(render_html(laser))
    targets = {attrs["href"] for tag, attrs in page.tags if tag == "a" and attrs.get("class") == "ref"}
    assert targets == {"#source-1", "#source-2"}
    assert {target[1:] for target in targets} <= set(page.ids)


def test_no_id_stands_twice(laser: dict[str, Any]) -> None:
    ids = Page(render_html(laser)).ids
    assert len(ids) == len(set(ids))


def test_the_recommended_train_is_marked(laser: dict[str, Any]) -> None:
    html = render_html(laser)
    rows = re.findall(r'<tr class="chosen">.*?</tr>', html)
    assert len(rows) == 1
    assert "2<span" in rows[0]
    assert "recommended" in rows[0]


@pytest.mark.parametrize("name", ["laser", "lid_margin", "newborn", "assess_first"])
def test_page_needs_nothing_from_outside(load_plan: Load, name: str) -> None:
    html = render_html(load_plan(name))
    for tag, attrs in Page(html).tags:
        assert tag not in {"script", "iframe", "object", "embed", "img", "use", "image"}
        for key, value in attrs.items():
            assert key != "src"
            assert not key.startswith("on")
            if key in {"href", "xlink:href"} and tag != "a":
                assert value == "data:,"
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


@pytest.mark.parametrize("name", ["laser", "lid_margin", "newborn", "assess_first"])
def test_disclaimer_stands_there_once(load_plan: Load, name: str) -> None:
    plan = load_plan(name)
    assert said(plan).count(plan["provenance"]["disclaimer"]) == 1
    assert said(plan).count("not a cleared medical device") == 1


@pytest.mark.parametrize("action", ACTIONS)
def test_the_barest_plan_of_every_action_renders(action: str) -> None:
    page = Page(render_html({"schema_version": "1.0", "action": action}))
    assert ("p", {"class": "action", "data-action": action}) in page.tags
    assert page.said.count("not a cleared medical device") == 1
    assert "This plan gives no laser settings." in page.said
    assert not [tag for tag, _ in page.tags if tag in {"h2", "svg"}]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("empty", [None, [], {}])
def test_empty_parts_leave_no_trace(action: str, empty: Any, laser: dict[str, Any]) -> None:
    plan: dict[str, Any] = {"action": action}
    for key, value in laser.items():
        if key in {"action", "headline", "schema_version", "p_open", "p_harm"}:
            continue
        plan[key] = empty if empty is None or isinstance(empty, type(value)) else None
    text = said(plan)
    assert "None" not in text
    assert "{}" not in text
    assert "[]" not in text


def test_stop_is_shown_with_the_verdict(lid_margin: dict[str, Any]) -> None:
    text = said(lid_margin)
    assert text.index("Stop first: No laser at the lid margin") < text.index("Therapeutic window")


def test_nothing_in_the_plan_becomes_markup(laser: dict[str, Any]) -> None:
    evil = '<script>alert("x")</script>&amp;\'"><b>'
    keep = {"action", "schema_version", "axis", "level"}

    def poison(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: poison(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [poison(inner, key) for inner in value]
        return value + evil if isinstance(value, str) and key not in keep else value

    html = render_html(poison(laser))
    tags = {tag for tag, _ in Page(html).tags}
    assert "script" not in tags
    assert "alert(&#34;x&#34;)" in html
    assert laser["headline"].replace(" mJ", "\u00a0mJ").replace(" mm", "\u00a0mm") + evil in Page(html).text


def test_a_source_with_a_dangerous_link_is_not_linked(laser: dict[str, Any]) -> None:
    laser["provenance"]["sources"][0]["url"] = "javascript:alert(1)"
    html = render_html(laser)
    assert "javascript:" not in html
    assert laser["provenance"]["sources"][0]["citation"] in html


def test_not_a_number_never_shows(laser: dict[str, Any]) -> None:
    laser["predicted"]["opening_um"]["p05"] = math.nan
    laser["predicted"]["rtd_wall_um"]["p50"] = math.nan
    laser["certainty"]["p_open"]["low"] = math.inf
    laser["window"]["margin"]["up_percent"] = math.nan
    laser["measure_next"][0]["gain"] = math.nan
    laser["pulses"][0]["opening_um"]["p50"] = None
    text = Page(render_html(laser)).said
    assert not re.search(
        r"\b(nan|inf|infinity|none)\b", re.sub("inside the window", "", text).replace("none lie", ""), re.I
    )
    assert "not known" in text


def test_same_plan_same_bytes(laser: dict[str, Any]) -> None:
    shuffled = json.loads(json.dumps(laser, sort_keys=True))
    assert render_html(laser) == render_html(laser)
    assert render_html(shuffled) == render_html(laser)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"action": "cut"}, "action"),
        ({"action": None}, "action"),
        ({"schema_version": "2.0"}, "schema_version"),
        ({"reasons": "one"}, "reasons"),
        ({"settings": [1]}, "settings"),
        ({"p_open": 1.2}, "p_open"),
        ({"safety": ["stop"]}, "safety"),
    ],
)
def test_what_is_not_a_plan_is_refused_by_name(
    laser: dict[str, Any], change: dict[str, Any], key: str
) -> None:
    with pytest.raises(InputError, match=key):
        render_html(laser | change)


def test_a_hole_in_a_curve_is_refused(laser: dict[str, Any]) -> None:
    laser["cross_section"]["crater_um"][3] = math.nan
    with pytest.raises(InputError, match="crater_um"):
        render_html(laser)


def test_a_shifted_curve_is_refused(laser: dict[str, Any]) -> None:
    laser["cross_section"]["damage_um"].pop()
    with pytest.raises(InputError, match="damage_um"):
        render_html(laser)
