"""What the report says of how a setting was chosen."""

from __future__ import annotations

import json
from pathlib import Path

from milia.care.wording import settings_phrase
from milia.planning import plan_laser
from milia.report.settings_view import settings_view
from milia.report.strategy_view import strategy_view

from .conftest import SURE, CaseMaker, Drill

OLD = Path(__file__).resolve().parents[1] / "care/data/plan_1_0.json"


def test_every_comparison_of_a_plan_is_shown(make_case: CaseMaker, drill: Drill) -> None:
    case = make_case(
        device=[SURE, {**SURE, "name": "other", "title": "other laser"}],
        goal={"opening": "0.3 mm", "limits": {"depth": {"stop": "250 um"}}},
        scenarios=[{"name": "thick roof", "weight": 0.1, "roof": "150 um"}],
    )
    made = plan_laser(case, fire=drill).to_dict()
    view = strategy_view(made)
    assert view is not None
    assert view.explanation == made["explanation"]
    tables = {table.caption: table for table in view.tables}
    limits = tables["Goals and limits, at two levels"]
    depth = next(line for line in limits.lines if line.name == "living tissue lost, depth")
    assert depth.cells[2] == "at most 250\u202fµm (set by the case)"
    assert "default" in depth.cells[0]
    ways = tables["In one go, or looking after each pulse"]
    assert [line.name for line in ways.lines] == [row["title"] for row in made["strategies"]]
    assert sum(line.chosen for line in ways.lines) == 1
    scenarios = tables["Scenarios"]
    assert [(line.name, line.note) for line in scenarios.lines] == [
        ("skins as drawn", ""),
        ("thick roof", "roof 150 µm"),
    ]
    assert [line.chosen for line in tables["Devices"].lines] == [row["chosen"] for row in made["devices"]]
    drift = tables["How far each setting may drift before the window is left"]
    assert len(drift.lines) == len(made["drift"])
    for table in view.tables:
        assert all(len(line.cells) == len(table.heads) for line in table.lines)


def test_a_plan_that_says_nothing_of_it_has_no_such_part() -> None:
    old = json.loads(OLD.read_text(encoding="utf-8"))
    view = strategy_view({**old, "decisions": []})
    assert view is None or not view.explanation


def test_a_series_with_looks_is_dialled_pulse_by_pulse(make_case: CaseMaker, drill: Drill) -> None:
    made = plan_laser(make_case(roof="140 um ± 80 um"), fire=drill).to_dict()
    settings, said = made["settings"], made["strategy"]
    view = settings_view(settings, said)
    assert view is not None
    rows = {row.name: row.value for row in view.dial}
    assert rows["pulses"] == f"at most {said['most_pulses']}"
    assert rows["between"] == "look"
    assert ("next pulses" in rows) is (said["name"] == "titrated")
    assert "energy in all" not in {row.name for row in view.skin}
    phrase = settings_phrase(settings, said)
    assert phrase.startswith("single pulses, a look after each, beginning with 1 pulse of ")
    assert phrase.endswith(f"at most {said['most_pulses']} until the roof is open")
    at_once = plan_laser(make_case(), fire=drill).to_dict()
    assert settings_phrase(at_once["settings"], at_once["strategy"]) == settings_phrase(at_once["settings"])
