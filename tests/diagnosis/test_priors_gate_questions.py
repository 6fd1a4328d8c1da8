"""A clinic's priors, the gate before a plan, and the next best question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from milia.base import InputError
from milia.diagnosis import Priors, assess, gate, interview, load_priors, priors_from_mapping
from milia.diagnosis.data import CLOSED
from milia.diagnosis.findings import read_findings
from milia.diagnosis.priors import log_prior
from milia.diagnosis.questions import COST, _Decision, rank_questions
from milia.diagnosis.tables import load_tables

Sheet = Callable[..., dict[str, Any]]


def share_of(priors: Priors, group: str) -> float:
    tables = load_tables()
    rows = [i for i, c in enumerate(tables.field.conditions) if c.group == group]
    return float(np.exp(log_prior(tables, priors))[rows].sum(axis=0).mean())


def test_shares_are_met_exactly_and_the_rest_keeps_its_order(tmp_path: Path) -> None:
    path = tmp_path / "priors.yaml"
    path.write_text(
        "setting: primary_care\nshare: {milia: 0.6, basal cell carcinoma: 0.01}\n", encoding="utf-8"
    )
    priors = load_priors(path)
    assert share_of(priors, "milia") == pytest.approx(0.6)
    assert share_of(priors, "basal cell carcinoma") == pytest.approx(0.01)
    assert np.exp(log_prior(load_tables(), priors)).sum(axis=0) == pytest.approx(1.0)
    assert share_of(priors, "syringoma") > share_of(priors, "lipoid proteinosis")


def test_multiply_scales_the_odds_against_the_rest() -> None:
    before, after = (
        share_of(Priors(), "syringoma"),
        share_of(Priors(multiply={"syringoma": 3.0}), "syringoma"),
    )
    assert after / (1 - after) == pytest.approx(3 * before / (1 - before), rel=0.05)


def test_a_setting_with_more_rarities() -> None:
    rare = [
        share_of(Priors(setting=s), "lipoid proteinosis")
        for s in ("primary_care", "dermatology", "referral_centre")
    ]
    assert rare == sorted(rare)
    assert rare[2] > 5 * rare[0]


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ({"shares": {}}, "shares"),
        ({"setting": "hospital"}, "setting"),
        ({"share": {"milia": 1.2}}, "share.milia"),
        ({"share": {"milia": "much"}}, "share.milia"),
        ({"share": {"milia": 0.7, "syringoma": 0.4}}, "share"),
        ({"multiply": {"milia": 0}}, "multiply.milia"),
        ({"multiply": {"milia": float("inf")}}, "multiply.milia"),
    ],
)
def test_bad_priors_are_refused(raw: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        priors_from_mapping(raw, file="p.yaml")
    assert caught.value.key == key


def test_an_unknown_condition_is_named_with_its_nearest() -> None:
    with pytest.raises(InputError, match="did you mean syringoma"):
        assess({}, priors=Priors(multiply={"syringomata": 2.0}))


def test_gate_lets_an_undoubted_milium_through(milium: Sheet) -> None:
    passed = gate(assess(milium()), "milium", confirmed=True)
    assert passed.accepted
    assert not passed.needs_reason
    assert passed.to_dict()["probability"] > 0.6


def test_gate_needs_a_clinician(milium: Sheet) -> None:
    stopped = gate(assess(milium()), "milium", confirmed=False, reason="it is surely a milium, I think")
    assert not stopped.accepted
    assert "confirmed" in stopped.doubts[0]


@pytest.mark.parametrize("condition", ["milium", "milia", "비립종", "secondary milia", "Milia En Plaque"])
def test_gate_stops_an_unlikely_diagnosis_and_an_open_flag(condition: str, carcinoma: Sheet) -> None:
    stopped = gate(assess(carcinoma()), condition, confirmed=True)
    assert not stopped.accepted
    assert stopped.needs_reason
    assert any("open red flag" in doubt for doubt in stopped.doubts)
    assert any("milia" in doubt and "%" in doubt for doubt in stopped.doubts)
    assert stopped.open_flags


@pytest.mark.parametrize(
    ("reason", "accepted"),
    [(None, False), ("", False), ("   ok   ", False), ("punch biopsy: infundibular cyst", True)],
)
def test_gate_opens_with_a_written_reason_only(reason: str | None, accepted: bool, carcinoma: Sheet) -> None:
    result = gate(assess(carcinoma()), "milium", confirmed=True, reason=reason)
    assert result.accepted is accepted
    assert result.doubts


def test_gate_doubts_a_condition_it_does_not_know(milium: Sheet) -> None:
    assert not gate(assess(milium()), "unicorn bump", confirmed=True).accepted


def test_gate_without_an_assessment_rests_on_the_clinician() -> None:
    assert gate(None, "milium", confirmed=True).accepted
    assert not gate(None, "milium", confirmed=False).accepted


def test_gain_is_the_expected_drop_of_entropy() -> None:
    """Sum over the answers of P(answer) · entropy(groups | answer), the long way round."""
    tables = load_tables()
    probability = np.exp(log_prior(tables, Priors())).mean(axis=-1)

    def entropy(p: np.ndarray) -> float:
        group = p @ tables.membership
        return float(-(group * np.log2(group)).sum())

    share = tables.closed_mean["consistency"]
    after = sum(
        float(row @ probability) * entropy(row * probability / float(row @ probability)) for row in share
    )
    questions = rank_questions(tables, probability, read_findings({}), milia=0, flagged=False, limit=99)
    (asked,) = [q for q in questions if q.finding == "consistency"]
    assert asked.gain == pytest.approx(entropy(probability) - after, abs=1e-9)


def test_what_is_known_is_not_asked_again(milium: Sheet) -> None:
    sheet = milium(
        triggers_history=["no trauma"], sites_other=["face"], course={"growth": "stable", "onset": "gradual"}
    )
    asked = {question.finding for question in assess(sheet).ask_next}
    assert not asked & {
        "colour",
        "sites",
        "consistency",
        "triggers_history: injury at the site",
        "course.onset",
    }


def worth_of_growth(sheet: dict[str, Any], condition: str) -> float:
    tables = load_tables()
    sure = np.zeros(len(tables.names))
    sure[tables.names.index(condition)] = 1.0
    found = rank_questions(tables, sure, read_findings(sheet), milia=0, flagged=False, limit=99)
    return {q.finding: q.decision for q in found}.get("course.growth", 0.0)


def test_the_chance_of_a_flag_is_part_of_the_worth() -> None:
    """At 46 a single lesion that grows is referred; at 15 the same answer raises nothing."""
    tables = load_tables()
    sheet = {"lesion_count": 1, "sites": ["forehead"], "colour": ["skin"]}
    grows = tables.closed_mean["growth"][:, tables.names.index("intradermal naevus")]
    assert worth_of_growth({**sheet, "age_years": 15}, "intradermal naevus") == pytest.approx(0.0)
    size, both = CLOSED["growth"].index("size"), CLOSED["growth"].index("size+number")
    rapid = CLOSED["growth"].index("rapid")
    assert worth_of_growth({**sheet, "age_years": 46}, "intradermal naevus") == pytest.approx(
        float(grows[[size, both, rapid]].sum())
    )


def test_worth_by_hand() -> None:
    """Naevus or carcinoma, 9 to 1: waiting costs 0.1 · 3.5; an answer that tells them apart saves most."""
    tables = load_tables()
    probability = np.zeros(len(tables.names))
    naevus, cancer = (tables.names.index(n) for n in ("intradermal naevus", "basal cell carcinoma"))
    probability[[naevus, cancer]] = 0.9, 0.1
    share = np.zeros((2, len(tables.names)))
    share[:, naevus], share[:, cancer] = (0.8, 0.2), (0.1, 0.9)
    decide = _Decision(tables, probability, read_findings({}), milia=0, flagged=False)
    now = min(0.1 * 3.5, 0.9)
    first = min(0.01 * 3.5, 0.72)
    second = min(0.09 * 3.5, 0.18)
    assert decide.gain(share, ("", ""))[1] == pytest.approx(now - first - second)


def test_questions_are_ranked_by_worth_per_effort() -> None:
    tables = load_tables()
    probability = np.exp(log_prior(tables, Priors())).mean(axis=-1)
    questions = rank_questions(tables, probability, read_findings({}), milia=0, flagged=False, limit=99)
    worth = [(q.gain + q.decision) / q.cost for q in questions]
    assert worth == sorted(worth, reverse=True)
    assert COST["touch"] < COST["dermoscopy"] < COST["content"]
    assert {q.cost for q in questions if q.key == "dermoscopy"} == {COST["dermoscopy"]}


def test_an_open_flag_leaves_no_decision_to_change(carcinoma: Sheet) -> None:
    assert {question.decision for question in assess(carcinoma()).ask_next} <= {0.0}


def test_interview_asks_skips_corrects_and_stops() -> None:
    answers = iter(["purple-ish nonsense", "white", "", "scalp, cheek", None])
    said: list[str] = []
    asked: list[str] = []

    def ask(question: str) -> str | None:
        asked.append(question)
        return next(answers)

    found, sheet = interview(ask, said.append)
    assert asked[0] == asked[1]
    assert "not one of the accepted words" in said[0]
    assert sheet["colour"] == ["white"]
    assert len(asked) == 5
    assert found.to_dict() == assess(sheet).to_dict()


def test_interview_can_fill_a_whole_sheet_by_its_first_answers() -> None:
    def ask(question: str) -> str:
        choices = question.rsplit("(", 1)[1].rstrip(")").split(", ")
        return "34" if "years" in choices[0] else "no" if "no" in choices else choices[0]

    found, sheet = interview(ask, print, longest=25)
    assert read_findings(sheet).age_years == 34
    assert found.to_dict() == assess(sheet).to_dict()


def test_an_interview_that_stops_at_once_gives_the_priors() -> None:
    found, sheet = interview(lambda _: None, print)
    assert sheet == {}
    assert found.to_dict() == assess({}).to_dict()
