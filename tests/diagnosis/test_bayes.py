"""Bayes' rule against sums done by hand, and what must hold for any table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from milia.diagnosis.data import Condition, Field, Share, load_field
from milia.diagnosis.findings import read_findings
from milia.diagnosis.inference import Item, gather, infer, shared_weights, without_each
from milia.diagnosis.priors import Priors, log_prior
from milia.diagnosis.tables import build_tables, load_tables, logit_draws

NUMBERS = {
    "dependence.second": 0.5,
    "dependence.further": 0.25,
    "dependence.absent": 0.6,
    "dependence.temper": 1.0,
}


def item(
    *shares: float, family: str = "a", value: str = "x", present: bool = True, weight: float = 1.0
) -> Item:
    likelihood = np.log(np.array(shares))[:, None]
    return Item("colour", value, value, family, present, likelihood, weight)


def test_two_independent_findings_by_hand() -> None:
    """Prior 1:3, likelihood ratios 8:1 and 1:2 give odds 1/3 · 8 · 1/2 = 4/3, so 4/7."""
    prior = np.log(np.array([[0.25], [0.75]]))
    got = infer(prior, [item(0.8, 0.1), item(0.3, 0.6, family="b")]).probability
    assert got[:, 0] == pytest.approx([4 / 7, 3 / 7])


def test_a_share_is_kept_for_sheets_that_mislead() -> None:
    """(1 - 0.1) · 4/7 + 0.1 · 1/4 by hand."""
    prior = np.log(np.array([[0.25], [0.75]]))
    got = infer(prior, [item(0.8, 0.1), item(0.3, 0.6, family="b")], misread=0.1).probability
    assert got[0, 0] == pytest.approx(0.9 * 4 / 7 + 0.1 * 0.25)


def test_one_family_shares_its_weight_strongest_first() -> None:
    """Log ratios 2, 1 and 3 in one family weigh 3 · 1 + 2 · 1/2 + 1 · 1/4 = 4.25, whatever their order."""
    ratios = {"p": 2.0, "q": 1.0, "r": 3.0}
    items = [item(0.1 * np.exp(r / 2), 0.1 * np.exp(-r / 2), value=v) for v, r in ratios.items()]
    weighted = shared_weights(items, NUMBERS, {})
    assert {i.value: i.weight for i in weighted} == {"r": 1.0, "p": 0.5, "q": 0.25}
    got = infer(np.log(np.full((2, 1), 0.5)), weighted).probability
    assert np.log(got[0, 0] / got[1, 0]) == pytest.approx(4.25)


def test_contradicted_and_absent_findings_weigh_less() -> None:
    items = [item(0.5, 0.1, value="c"), item(0.5, 0.1, family="b", value="d", present=False)]
    weights = {i.value: i.weight for i in shared_weights(items, NUMBERS, {"colour:c": 0.3})}
    assert weights == {"c": pytest.approx(0.3), "d": pytest.approx(0.6)}


def tiny() -> Field:
    """Two conditions, one known to be female in 80 %, the other silent on sex."""
    field = load_field()
    names = ("left", "right")
    conditions = tuple(Condition(n, n, "common", "no", None, ()) for n in names)
    shares = {
        ("left", "sex", "F"): Share(0.8, 0.8, 0.8, "80 %", "milia_default", "default"),
        ("left", "sex", "M"): Share(0.2, 0.2, 0.2, "20 %", "milia_default", "default"),
    }
    return Field(
        conditions=conditions,
        shares=shares,
        sizes_mm={},
        size_sources={},
        terms=dict(list(field.terms.items())[:2]),
        words=field.words,
        red_flags=(),
        advice=(),
        numbers={**field.numbers, "error.fact": 0.1},
    )


def test_table_by_hand() -> None:
    """0.9 · 0.8 + 0.1 · background; the background is the mean of the conditions that are known: 0.8."""
    tables = build_tables(tiny(), samples=50)
    assert tables.closed_mean["sex"][:, 0] == pytest.approx([0.8, 0.2], abs=1e-3)
    assert tables.closed_mean["sex"][:, 1] == pytest.approx([0.8, 0.2], abs=1e-3)


def test_a_silent_condition_neither_gains_nor_loses() -> None:
    tables = build_tables(tiny(), samples=50)
    prior = log_prior(tables, Priors())
    items = gather(tables, read_findings({"sex": "F"}))
    before, after = np.exp(prior), infer(prior, items).probability
    assert after == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize("feature", ["age", "sex", "count", "site", "colour", "growth"])
def test_answers_of_a_feature_sum_to_one(feature: str) -> None:
    assert np.exp(load_tables().closed[feature]).sum(axis=0) == pytest.approx(1.0)


def test_draws_have_the_stated_range() -> None:
    rng = np.random.default_rng(1)
    drawn = logit_draws(0.4, 0.22, 0.60, rng.standard_normal(40_000))
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([0.22, 0.40, 0.60], abs=0.01)


SHARES = hnp.arrays(float, (4,), elements=st.floats(0.01, 0.99))


@given(prior=SHARES, shares=SHARES, others=st.lists(SHARES, max_size=3), weight=st.floats(0.05, 1.0))
def test_a_finding_never_lowers_the_condition_it_fits_best(
    prior: np.ndarray, shares: np.ndarray, others: list[np.ndarray], weight: float
) -> None:
    start = np.log(prior / prior.sum())[:, None]
    base = [item(*s, family=str(i)) for i, s in enumerate(others)]
    best, worst = int(shares.argmax()), int(shares.argmin())
    before = infer(start, base).probability
    after = infer(start, [*base, item(*shares, family="new", weight=weight)]).probability
    assert after[best, 0] >= before[best, 0] - 1e-12
    assert after[worst, 0] <= before[worst, 0] + 1e-12


def test_without_each_leaves_out_exactly_that_one() -> None:
    prior = np.log(np.array([[0.5], [0.5]]))
    items = [item(0.8, 0.2), item(0.3, 0.6, family="b", value="y")]
    first, second = without_each(prior, items)
    assert first == pytest.approx([1 / 3, 2 / 3])
    assert second == pytest.approx([0.8, 0.2])
