"""A plan that is the same, edited, or made with other knowledge or code is told apart."""

from __future__ import annotations

import copy
from typing import Any

from milia.planning import made_with, verify_plan
from milia.planning.verify import differences


def plan(**changes: Any) -> dict[str, Any]:
    made = {
        "schema_version": "1.1",
        "case": {"lesion": {"diameter": "1 mm"}},
        "p_open": 0.93,
        "window": {"points": [{"p": 0.1}, {"p": 0.2}]},
        "provenance": {"version": "1", "seed": 0, "made_with": dict(made_with())},
    }
    return made | changes


def test_the_same_plan_is_the_same() -> None:
    found = verify_plan(plan(), copy.deepcopy(plan()))
    assert found.same
    assert not found.why
    assert found.plan_hash == found.hash_now
    assert len(found.plan_id) == 12


def test_an_edit_is_named() -> None:
    found = verify_plan(plan(p_open=0.99), plan())
    assert not found.same
    assert found.differences[0].key == "p_open"
    assert (found.differences[0].saved, found.differences[0].now) == (0.99, 0.93)
    assert "the file was edited (p_open)" in found.why[0]


def test_other_knowledge_code_and_version_are_told_apart() -> None:
    for key, word in (("knowledge", "knowledge base"), ("code", "code")):
        old = plan()
        old["provenance"]["made_with"][key] = "0" * 16
        found = verify_plan(old, plan())
        assert found.why == (f"the {word} has changed since", "no number, reason or instruction differs")
    old = plan()
    old["provenance"]["version"] = "0"
    assert verify_plan(old, plan()).why[0] == "it was made by version 0, this is 1"
    del old["provenance"]["made_with"]
    assert any("does not say" in why for why in verify_plan(old, plan()).why)


def test_differences_are_leaves_with_dotted_keys() -> None:
    new = copy.deepcopy(plan())
    new["window"]["points"][1]["p"] = 0.3
    assert [one.key for one in differences(plan(), new)] == ["window.points[1].p"]
    new["window"]["points"].append({})
    assert [one.key for one in differences(plan(), new)] == ["window.points (entries)"]
    assert differences({"a": 1}, {"a": 1.0})[0].key == "a"
