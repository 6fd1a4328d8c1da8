"""`milia verify` and `milia approve` on a plan without a laser, which costs no simulation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def plan(milia: Callable[..., Any], written: Callable[..., Path], case: dict[str, Any], desk: Path) -> Path:
    path = desk / "plan.json"
    path.write_bytes(milia("plan", written(case), "--json").stdout)
    return path


def test_a_plan_is_verified_approved_and_an_edit_is_found(milia: Callable[..., Any], plan: Path) -> None:
    done = milia("verify", plan)
    assert (done.returncode, b"byte for byte" in done.stdout) == (0, True)
    done = milia("approve", plan, "--by", "Dr A", "--reason", "agreed with the parents")
    assert done.returncode == 0
    record = json.loads((plan.parent / "plan.approvals.jsonl").read_text(encoding="utf-8"))
    assert record["by"] == "Dr A"
    done = milia("verify", plan, "--json")
    assert json.loads(done.stdout)["approvals"][0]["of_this"]

    content = json.loads(plan.read_text(encoding="utf-8"))
    content["headline"] = "Something else"
    plan.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    done = milia("verify", plan)
    assert done.returncode == 3
    assert b"headline: Something else saved" in done.stdout
    assert b"is of another content" in done.stdout


def test_a_changed_approval_and_an_impossible_override_are_refused(
    milia: Callable[..., Any], plan: Path
) -> None:
    milia("approve", plan, "--by", "Dr A", "--reason", "agreed")
    path = plan.parent / "plan.approvals.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("Dr A", "Dr B"), encoding="utf-8")
    done = milia("verify", plan)
    assert done.returncode == 2
    assert b"changed after it was written" in done.stderr
    done = milia("approve", plan, "--by", "Dr A", "--reason", "more", "--override", "energy=3")
    assert done.returncode == 2
    assert b"cannot be overridden" in done.stderr
