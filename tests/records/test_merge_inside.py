"""Two edits of a field that holds fields of its own."""

from __future__ import annotations

from milia.records.merge import three_way

BASE = {"state": "saved", "findings": {"colour": ["white"], "shape": ["dome"]}}


def edited(**findings: list[str]) -> dict[str, object]:
    return {"state": "saved", "findings": findings}


def test_edits_of_other_findings_are_both_kept_and_what_one_took_out_stays_out() -> None:
    mine = edited(colour=["white"], consistency=["firm"])
    theirs = edited(colour=["yellow"], shape=["dome"])
    merged, clashes = three_way(BASE, mine, theirs, inside=("findings",))
    assert merged == edited(colour=["yellow"], consistency=["firm"])
    assert clashes == ()


def test_two_edits_of_one_finding_clash_by_its_name() -> None:
    merged, clashes = three_way(
        BASE, edited(colour=["brown"], shape=["dome"]), edited(colour=["yellow"]), inside=("findings",)
    )
    assert clashes == ("findings.colour",)
    assert merged == edited(colour=["yellow"])


def test_without_being_named_a_field_is_one() -> None:
    _, clashes = three_way(BASE, edited(colour=["white"]), edited(colour=["yellow"], shape=["dome"]))
    assert clashes == ("findings",)
