"""The examples come out as their README says, as far as no simulation is needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from milia.care import plan_case
from milia.care.choice import laser_may_be_considered
from milia.care.facts import facts_of
from milia.knowledge import load_knowledge
from milia.laser import load_device
from milia.planning import load_case

EXAMPLES = Path(__file__).parents[2] / "examples"
README = EXAMPLES / "README.md"

DECIDED_BY_RULE = {
    "lid_margin": ("extract", "hard stop"),
    "newborn": ("observe", "newborn"),
    "red_flag": ("refer", "red flag"),
    "unconfirmed": ("assess_first", "not confirmed"),
    "skin_type_v_keloid": ("extract", "raised scars"),
}
DECIDED_BY_WINDOW = ("lower_eyelid", "cheek_many", "glabella_thick_roof", "no_window")


@pytest.mark.parametrize(("name", "expected"), DECIDED_BY_RULE.items())
def test_a_rule_decides(name: str, expected: tuple[str, str]) -> None:
    action, words = expected
    plan = plan_case(load_case(EXAMPLES / f"{name}.yaml"))
    assert plan.action == action
    assert words in plan.headline
    assert plan.laser is None


@pytest.mark.parametrize("name", DECIDED_BY_WINDOW)
def test_the_window_decides(name: str) -> None:
    knowledge = load_knowledge()
    facts = facts_of(load_case(EXAMPLES / f"{name}.yaml"), knowledge=knowledge)
    assert laser_may_be_considered(facts, knowledge=knowledge)


def _promised() -> dict[str, str]:
    rows = re.findall(
        r"^\| `(\w+)\.yaml` \| (\w+) \|", README.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return dict(rows)


def test_the_readme_promises_what_the_rules_decide() -> None:
    promised = _promised()
    assert set(promised) == {*DECIDED_BY_RULE, *DECIDED_BY_WINDOW}
    for name, (action, _) in DECIDED_BY_RULE.items():
        assert promised[name] == action


@pytest.mark.slow
@pytest.mark.parametrize("name", DECIDED_BY_WINDOW)
def test_the_simulation_keeps_the_readmes_promise(name: str) -> None:
    plan = plan_case(load_case(EXAMPLES / f"{name}.yaml"))
    assert plan.action == _promised()[name]
    assert plan.laser is not None
    assert plan.laser.window_exists == (plan.action == "laser")


def test_the_device_file_is_complete_and_says_what_it_assumes() -> None:
    mine = load_device(EXAMPLES / "my_device.yaml")
    assert mine.name == "my-clinic-co2"
    assert set(mine.assumed) == {"m2", "delivered_fraction", "energy_spread", "focus_offset"}


def test_every_example_is_explained() -> None:
    readme = README.read_text(encoding="utf-8")
    for path in sorted(EXAMPLES.glob("*.yaml")):
        assert f"`{path.name}`" in readme
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {
        *DECIDED_BY_RULE,
        *DECIDED_BY_WINDOW,
        "clinic",
        "exposure",
        "my_device",
        "study",
        "study_10000",
        "two_milia_3d",
    }
