"""Every red flag on its own, what clears it, and that it beats the probabilities."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from milia.diagnosis import RedFlag, assess, load_field
from milia.diagnosis.data import SITE_GROUPS
from milia.diagnosis.flags import URGENCIES

FIELD = load_field()
KEY_OF = {
    "site": "sites",
    "count": "lesion_count",
    "colour": "colour",
    "surface": "surface",
    "consistency": "consistency",
    "shape": "shape",
    "symptoms": "symptoms",
}
INPUT_OF = {"dermoscopy": "dermoscopy", "content": "extractable_content"}
LINES = [(flag, line) for flag in FIELD.red_flags for line in flag.when]
CLEARING = [(flag, flag.when[0], line) for flag in FIELD.red_flags for line in flag.unless]


def put(sheet: dict[str, Any], token: str) -> None:
    """Write into a sheet what makes a token hold, the way a clinician would."""
    if token.startswith("!"):
        return
    if found := re.fullmatch(r"age(>=|<)([0-9.]+)", token):
        sheet["age_years"] = float(found[2]) + 1 if found[1] == ">=" else float(found[2]) / 2
    elif ":" in token:
        feature, _, value = token.partition(":")
        value = SITE_GROUPS[value][-1] if feature == "site" and value in SITE_GROUPS else value
        if feature in ("onset", "growth", "duration"):
            name = "duration_band" if feature == "duration" else feature
            sheet.setdefault("course", {})[name] = value
        elif feature == "count":
            sheet["lesion_count"] = value
        else:
            sheet.setdefault(KEY_OF[feature], []).append(value)
    else:
        term = FIELD.terms[token]
        word = term.words[0].partition(": ")[2] or term.words[0]
        if term.input == "arrangement":
            sheet.setdefault("course", {}).setdefault("arrangement", []).append(word)
        else:
            sheet.setdefault(INPUT_OF.get(term.input, "triggers_history"), []).append(word)


def sheet_of(*lines: tuple[str, ...]) -> dict[str, Any]:
    sheet: dict[str, Any] = {}
    for token in (token for line in lines for token in line):
        put(sheet, token)
    return sheet


def raised_by(sheet: dict[str, Any]) -> set[str]:
    return {flag.id for flag in assess(sheet).refer.flags}


@pytest.mark.parametrize(
    ("flag", "line"), LINES, ids=lambda x: x.id.split(".")[-1] if isinstance(x, RedFlag) else "+".join(x)
)
def test_each_line_raises_its_flag(flag: RedFlag, line: tuple[str, ...]) -> None:
    refer = assess(sheet_of(line)).refer
    assert flag.id in {f.id for f in refer.flags}
    assert refer.needed
    assert flag.text in refer.reasons
    assert flag.patient in refer.tell_patient
    assert URGENCIES.index(refer.urgency or "") <= URGENCIES.index(flag.urgency)


@pytest.mark.parametrize(
    ("flag", "when", "unless"),
    CLEARING,
    ids=lambda x: x.id.split(".")[-1] if isinstance(x, RedFlag) else "+".join(x),
)
def test_each_clearing_line_clears(flag: RedFlag, when: tuple[str, ...], unless: tuple[str, ...]) -> None:
    ages = [t for t in (*when, *unless) if t.startswith("age")]
    if "age>=40" in ages and any(t.startswith("age<") for t in ages):
        pytest.skip("the two ages exclude each other")
    if any(t.removeprefix("!") in when for t in unless if t.startswith("!")):
        pytest.skip("the line needs the absence of what raises the flag here")
    assert flag.id not in raised_by(sheet_of(when, unless))


@pytest.mark.parametrize("flag", FIELD.red_flags, ids=lambda f: f.id)
def test_each_flag_says_what_to_tell_and_what_clears(flag: RedFlag) -> None:
    assert flag.urgency in URGENCIES
    assert len(flag.patient) > 30
    assert flag.clears
    assert flag.source


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("lash_loss", {"triggers_history": ["lashes missing over the lump"]}),
        ("ulceration", {"triggers_history": ["ulcerated in the centre"]}),
        ("bleeding", {"triggers_history": ["bleeds when washing"]}),
        ("translucent_vessels", {"colour": ["blue/translucent"], "surface": ["telangiectatic"]}),
        ("pigment_structure", {"dermoscopy": ["blue-grey ovoid nests"]}),
        ("solitary_growth", {"age_years": 52, "lesion_count": 1, "course": {"growth": "size"}}),
        (
            "centrofacial_domes",
            {"age_years": 44, "lesion_count": 9, "colour": ["white"], "shape": ["dome"], "sites": ["nose"]},
        ),
        ("plaque", {"shape": ["plaque"], "colour": ["white"], "sites": ["ear"]}),
        ("blistering", {"triggers_history": ["blisters on the hands", "fragile skin"]}),
        ("recurrent_chalazion", {"age_years": 66, "triggers_history": ["recurrent chalazion"]}),
        ("syndrome_hair_sweat", {"triggers_history": ["sparse hair since birth", "does not sweat"]}),
        ("immunosuppression", {"triggers_history": ["HIV, CD4 90"]}),
        ("toxic_exposure", {"lesion_count": "many", "triggers_history": ["works with dioxin"]}),
        ("follicular_hair_loss", {"triggers_history": ["loss of the eyebrow"]}),
        ("tuberous_sclerosis", {"triggers_history": ["ash-leaf patches"]}),
        ("deposit_disease", {"triggers_history": ["periorbital purpura"]}),
        ("unwell", {"triggers_history": ["fever for a week"]}),
    ],
)
def test_flags_in_a_clinicians_words(name: str, sheet: dict[str, Any]) -> None:
    assert f"diagnosis.red_flag.{name}" in raised_by(sheet)


def test_a_denied_sign_raises_nothing() -> None:
    sheet = {"triggers_history": ["no lash loss", "no bleeding or ulceration", "no fever", "HIV negative"]}
    assert raised_by(sheet) == set()


def test_unknown_raises_nothing() -> None:
    assert raised_by({}) == set()
    assert not assess({}).refer.needed


def test_a_flag_beats_a_high_probability(milium: Callable[..., dict[str, Any]]) -> None:
    plain = assess(milium())
    flagged = assess(milium(triggers_history=["ulcerated"]))
    assert plain.conclusion == "milium_likely"
    assert not plain.refer.needed
    assert flagged.top.group == "milia"
    assert flagged.refer.needed
    assert flagged.conclusion == "refer"


def test_the_sum_refers_without_any_flag() -> None:
    sheet = {
        "age_years": 30,
        "sites": ["nose"],
        "lesion_count": "many",
        "colour": ["pink/red"],
        "consistency": ["firm"],
    }
    refer = assess(sheet).refer
    assert refer.flags == ()
    assert refer.needed
    assert "add up to" in refer.reasons[0]


def test_newborns_and_harmless_neighbours_are_not_sent_on() -> None:
    newborn = {"age_years": "8 days", "sites": ["nose"], "lesion_count": "many", "colour": ["white"]}
    gland = {
        "age_years": 62,
        "sites": ["forehead"],
        "lesion_count": "many",
        "colour": ["yellow"],
        "surface": ["umbilicated"],
        "consistency": ["soft"],
    }
    assert not assess(newborn).refer.needed
    assert not assess(gland).refer.needed
