"""Words in: closed vocabularies, synonyms, units, phrases, negation, Korean, misspellings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.base import InputError
from milia.diagnosis import FINDING_KEYS, VOCABULARY, assess, load_field, read_findings
from milia.diagnosis.lexicon import load_lexicon

FIELD = load_field()
LEXICON = load_lexicon()
SCOPE_OF = {"content": "extractable_content", "dermoscopy": "dermoscopy", "arrangement": "course.arrangement"}


def read(phrase: str, key: str = "triggers_history") -> dict[str, bool]:
    return {m.term: m.present for m in LEXICON.read(phrase, key).matches}


WORDS = [(term.id, term.input, word) for term in FIELD.terms.values() for word in term.words]


def test_every_word_of_the_dictionary_means_its_term() -> None:
    wrong = []
    for id, input, word in WORDS:
        scope, _, rest = word.partition(": ")
        key = SCOPE_OF.get(scope if rest else input, "triggers_history")
        if read(rest or word, key).get(id) is not True:
            wrong.append((id, key, word))
    assert wrong == []


@pytest.mark.parametrize(
    ("phrase", "term", "present"),
    [
        ("no trauma", "trauma", False),
        ("without any blisters", "blistering", False),
        ("denies fever", "fever", False),
        ("HIV-negative", "hiv", False),
        ("family history negative", "family_history", False),
        ("normal calcium, phosphate and parathyroid hormone", "calcium_disorder", False),
        ("no fever, cough or weight loss", "lung_symptoms", False),
        ("never bled", "bleeding", False),
        ("relatives unaffected", "family_history", False),
        ("non-grouped", "grouped", False),
        ("absence of scalp hair since birth", "hypotrichosis", True),
        ("does not heal", "no_response", True),
        ("non-Hodgkin lymphoma", "lymphoma", True),
        ("no fever but bleeds easily", "bleeding", True),
        ("no fever; ulcerated", "ulceration", True),
        ("oil bead under the eye", "lay_milium", True),
        ("whitehead", "lay_whitehead", True),
        ("chicken skin on the arms", "lay_chicken_skin", True),
        ("비립종", "lay_milium", True),
        ("좁쌀여드름", "lay_whitehead", True),
        ("물집", "blistering", True),
        ("외상 없음", "trauma", False),
        ("가족력 없음", "family_history", False),
        ("속눈썹 빠짐", "lash_loss", True),
        ("telangectasia", "telangiectasia", True),
        ("arborizing vesels", "arborising", True),
        ("Brooke–Spiegler syndrome", "cyld", True),
        ("oedematous Graves' disease", "thyroid", True),
    ],
)
def test_phrases(phrase: str, term: str, present: bool) -> None:
    assert read(phrase).get(term) is present


@pytest.mark.parametrize(
    ("phrase", "term"),
    [("hyperhidrosis", "sweat_defect"), ("no other trauma", "trauma"), ("white lines", "linear")],
)
def test_what_must_not_be_read_into_a_phrase(phrase: str, term: str) -> None:
    assert term not in read(phrase, "dermoscopy" if "white" in phrase else "triggers_history")


def test_a_word_may_mean_something_only_in_its_own_input() -> None:
    assert read("white material", "extractable_content") == {"keratin_pearl": True}
    assert "keratin_pearl" not in read("white material")


def test_a_phrase_that_is_not_understood_warns_with_the_nearest_terms() -> None:
    found = assess({"triggers_history": ["zorgle of the blisk"], "dermoscopy": ["qqq"]})
    assert len(found.warnings) == 2
    assert "zorgle of the blisk" in found.warnings[0]
    assert "blister" in found.warnings[0]
    assert found.to_dict()["differential"] == assess({}).to_dict()["differential"]


@given(st.text(max_size=60), st.sampled_from(["triggers_history", "dermoscopy", "sites_other"]))
def test_no_phrase_fails_the_call(text: str, key: str) -> None:
    findings = read_findings({key: [text]})
    assert isinstance(findings.warnings, tuple)


@pytest.mark.parametrize("key", sorted(set(VOCABULARY) & set(FINDING_KEYS)))
def test_every_accepted_word_is_accepted(key: str) -> None:
    for word in VOCABULARY[key]:
        value: Any = word if key in ("sex", "lesion_count") else [word]
        assert len(assess({key: value}).differential) > 45


@pytest.mark.parametrize(
    ("sheet", "key", "near"),
    [
        ({"colour": ["whit"]}, "colour[0]", "white"),
        ({"sites": ["lower_eyelids"]}, "sites[0]", "lower_eyelid"),
        ({"sex": "X"}, "sex", "F, M"),
        ({"surface": ["smoth"]}, "surface[0]", "smooth"),
        ({"course": {"growth": "sizes"}}, "course.growth", "size"),
        ({"course": {"onset": "graduel"}}, "course.onset", "gradual"),
        ({"color": ["white"]}, "color", "colour"),
        ({"course": {"durations": 3}}, "course.durations", "duration_months"),
        ({"lesion_count": 0}, "lesion_count", "1, few, many"),
        ({"lesion_count": "lots"}, "lesion_count", "few"),
        ({"size_mm": [3, 1]}, "size_mm", "0.05 to 200"),
        ({"size_mm": "3 miles"}, "size_mm", "1-2 mm"),
        ({"age_years": -1}, "age_years", "0 to 120"),
        ({"age_years": float("nan")}, "age_years", "0 to 120"),
        ({"age_years": True}, "age_years", "0 to 120"),
        ({"triggers_history": [3]}, "triggers_history[0]", "text"),
        ({"triggers_history": {"a": 1}}, "triggers_history", "list"),
        ({"course": [1]}, "course", "keys"),
        ({"extractable": "perhaps"}, "extractable", "true or false"),
    ],
)
def test_refused_naming_key_and_accepted(sheet: dict[str, Any], key: str, near: str) -> None:
    with pytest.raises(InputError) as caught:
        assess(sheet, file="f.yaml")
    assert caught.value.key == key
    assert near in str(caught.value)
    assert str(caught.value).startswith("f.yaml: ")


@pytest.mark.parametrize(
    ("raw", "years"),
    [
        (34, 34),
        ("34", 34),
        ("8 days", 8 / 365.25),
        ("10 months", 10 / 12),
        ("34 years old", 34),
        ("34세", 34),
        ("생후 8일", 8 / 365.25),
    ],
)
def test_ages(raw: object, years: float) -> None:
    assert read_findings({"age_years": raw}).age_years == pytest.approx(years)


@pytest.mark.parametrize(
    ("raw", "size"),
    [
        ([1, 2], (1, 2)),
        (2, (2, 2)),
        ("1-2 mm", (1, 2)),
        ("0.4 cm", (4, 4)),
        ("900 um", (0.9, 0.9)),
        (["1 mm", "2 mm"], (1, 2)),
    ],
)
def test_sizes(raw: object, size: tuple[float, float]) -> None:
    assert read_findings({"size_mm": raw}).size_mm == pytest.approx(size)


@pytest.mark.parametrize(
    ("key", "word", "value"),
    [
        ("colour", "하얀", "white"),
        ("sites", "코", "nose"),
        ("sites", "Lower Eyelid", "lower_eyelid"),
        ("shape", "Dome-Shaped", "dome"),
        ("surface", "rough", "rough/verrucous"),
    ],
)
def test_synonyms_of_closed_words(key: str, word: str, value: str) -> None:
    assert getattr(read_findings({key: [word]}), key) == (value,)


@pytest.mark.parametrize(("number", "word"), [(1, "1"), (2, "few"), (4, "few"), (5, "many"), (60, "many")])
def test_counts(number: int, word: str) -> None:
    assert read_findings({"lesion_count": number}).lesion_count == word


@pytest.mark.parametrize(
    ("months", "band"), [(0.5, "weeks"), (2, "months"), (11.9, "months"), (12, "years"), ("6 weeks", "weeks")]
)
def test_durations(months: object, band: str) -> None:
    assert read_findings({"course": {"duration_months": months}}).duration == band


def test_sites_in_words_reach_the_table() -> None:
    assert read_findings({"sites_other": ["scalp", "central_face"]}).sites == ("scalp",)
    assert read_findings({"sites_other": ["scalp", "central_face"]}).site_groups == ("centre",)


@pytest.mark.parametrize("empty", [None, [], "", {}])
def test_null_and_empty_are_unknown(empty: object) -> None:
    keys = [key for key in FINDING_KEYS if not (isinstance(empty, dict) and key != "course")]
    assert read_findings(dict.fromkeys(keys, empty)) == read_findings({})
