"""The tables themselves: strictly read, sourced, ordered."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from milia.diagnosis import data
from milia.diagnosis.data import CLOSED, FOLDER, GRADES, grade_range, load_field
from milia.knowledge import KnowledgeError, load_knowledge

FIELD = load_field()


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_grades_fall_and_their_ranges_hold_them() -> None:
    triples = [grade_range(grade) for grade in GRADES]
    assert all(low < value < high for value, low, high in triples)
    for i in range(3):
        column = [triple[i] for triple in triples]
        assert column == sorted(column, reverse=True)


def test_every_model_number_is_a_flagged_default_or_derived() -> None:
    for quantity in load_knowledge().quantities("diagnosis"):
        assert quantity.flag in ("default", "derived")
        assert quantity.spread.kind != "exact"
        assert quantity.note


def test_a_number_is_read_and_a_grade_is_not() -> None:
    """No made-up percentage: a cell with a figure is flagged read and names a source that was read."""
    for row in rows("findings.csv"):
        numeric = bool(re.search(r"=[0-9]", row["cells"]))
        assert (row["flag"] == "read") == numeric, row
        if numeric:
            assert load_knowledge().source(row["source"]).how_read != "none"
            assert row["note"]
        elif row["flag"] == "memory":
            assert row["source"] == "field_memory"


def test_every_condition_but_the_catch_all_has_its_table() -> None:
    for condition in FIELD.conditions:
        features = {feature for name, feature, _ in FIELD.shares if name == condition.name}
        if condition.name == data.OTHER:
            assert features == set()
        else:
            assert {"age", "count", "site", "colour", "term"} <= features, condition.name
            assert condition.name in FIELD.sizes_mm


def test_the_conditions_of_the_field_are_there() -> None:
    named = " | ".join(f"{c.name} {c.group} {' '.join(c.names)}" for c in FIELD.conditions).lower()
    for word in [
        "neonatal milia",
        "primary milia",
        "eruptive milia",
        "milia en plaque",
        "traumatic milia",
        "blistering",
        "drug-induced",
        "syndromic milia",
        "closed comedone",
        "seborrhoeic keratosis",
        "flat wart",
        "sebaceous hyperplasia",
        "syringoma",
        "xanthelasma",
        "molluscum",
        "epidermoid cyst",
        "steatocystoma",
        "vellus hair cyst",
        "trichoepithelioma",
        "fibrofolliculoma",
        "colloid milium",
        "hidrocystoma",
        "basal cell carcinoma",
        "sebaceous carcinoma",
        "sebaceous adenoma",
        "intradermal naevus",
        "osteoma cutis",
        "calcinosis",
        "keratosis pilaris",
        "angiofibroma",
        "demodicosis",
        "sarcoidosis",
        "lupus miliaris",
        "amyloid",
        "lipoid proteinosis",
        "lichen planopilaris",
        "folliculotropic mycosis fungoides",
        "microcystic adnexal carcinoma",
        "merkel cell carcinoma",
        "something else",
    ]:
        assert word in named, word


def test_must_refer_conditions_are_the_dangerous_ones() -> None:
    must = {c.group for c in FIELD.conditions if c.refer == "must"}
    assert {
        "basal cell carcinoma",
        "sebaceous carcinoma",
        "microcystic adnexal carcinoma",
        "Merkel cell carcinoma",
        "melanoma",
        "squamous cell carcinoma",
        "fibrofolliculoma",
        "angiofibroma",
        "folliculotropic mycosis fungoides",
        "amyloidosis",
    } <= must
    assert not must & {"syringoma", "xanthelasma", "sebaceous hyperplasia", "keratosis pilaris", "flat wart"}


def test_every_term_says_something_or_is_marked_as_saying_nothing() -> None:
    used = {value for _, feature, value in FIELD.shares if feature == "term"}
    flagged = {token for flag in FIELD.red_flags for line in flag.when for token in line}
    silent = {t.id for t in FIELD.terms.values() if t.id not in used | flagged}
    assert silent <= {"childhood_onset", "travel", "bilateral", "solitary_word", "healthy", "squeezed"}


def test_no_answer_outside_the_vocabulary_has_a_share() -> None:
    for _, feature, value in FIELD.shares:
        assert feature in ("term", "resolution") or value in CLOSED[feature]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("findings.csv", "colour,white=usually", "colour,whte=usually"),
        ("findings.csv", "white=usually", "white=mostly"),
        ("findings.csv", "0.866 [0.68-0.95]", "0.866 [0.90-0.95]"),
        ("findings.csv", "dx_oztas_2008", "dx_nobody_1900"),
        ("findings.csv", "neonatal milia,size", "nenatal milia,size"),
        ("findings.csv", "0.5-2 mm", "2-0.5 mm"),
        ("findings.csv", ",memory,", ",guess,"),
        ("conditions.csv", "dominant", "often"),
        ("conditions.csv", ",must,", ",perhaps,"),
        ("terms.csv", ",history,", ",story,"),
    ],
)
def test_a_broken_table_is_refused(
    name: str, old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in FOLDER.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name == name:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    with pytest.raises(KnowledgeError):
        load_field.__wrapped__()


def test_a_rule_with_an_unknown_token_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="lash_los"):
        data._lines([["lash_los"]], FIELD.terms, entry="x")
