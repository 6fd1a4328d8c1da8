"""Reads a sheet of findings: closed words checked, open phrases understood, labels never looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.base import InputError, as_mapping, check_keys
from milia.diagnosis.data import AGE_BANDS, Field, load_field
from milia.diagnosis.lexicon import load_lexicon
from milia.diagnosis.values import (
    age_years_of,
    choice_of,
    duration_months_of,
    sheet_list,
    size_mm_of,
    yes_no_of,
)

OPEN_INPUTS = ("triggers_history", "dermoscopy", "extractable_content", "skin_type", "sites_other")
FINDING_KEYS = (
    "age_years",
    "sex",
    "skin_type",
    "sites",
    "sites_other",
    "lesion_count",
    "size_mm",
    "colour",
    "surface",
    "consistency",
    "shape",
    "symptoms",
    "course",
    "triggers_history",
    "extractable",
    "extractable_content",
    "dermoscopy",
)
LABEL_KEYS = (
    "id",
    "diagnosis",
    "diagnosis_group",
    "acceptable_alternatives",
    "must_refer",
    "must_refer_reason",
    "confirmation",
    "how_confirmed",
    "free_text",
    "source_title",
    "source",
    "url",
    "year",
    "schema_version",
)
"""Keys of a case record that are accepted and never read: an answer must not leak into the question."""

COURSE_KEYS = (
    "duration_months",
    "onset",
    "growth",
    "arrangement",
    "spontaneous_resolution",
    "duration_band",
)
_SKIN_WORDS = """
i ii iii iv v vi 1 2 3 4 5 6 fitzpatrick type skin colour color light fair white caucasian brown dark black
asian korean japanese chinese indian african american hispanic latino european eastern 황인 백인 흑인 동양인
"""
_SKIN_TYPES = frozenset(_SKIN_WORDS.split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase and the input that held it."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known about the lesion; ``None`` and empty mean unknown, never absent."""

    age_years: float | None = None
    sex: str | None = None
    skin_type: str | None = None
    sites: tuple[str, ...] = ()
    site_groups: tuple[str, ...] = ()
    lesion_count: str | None = None
    size_mm: tuple[float, float] | None = None
    colour: tuple[str, ...] = ()
    surface: tuple[str, ...] = ()
    consistency: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    duration_months: float | None = None
    duration: str | None = None
    onset: str | None = None
    growth: str | None = None
    spontaneous_resolution: bool | None = None
    present: tuple[tuple[str, Phrase], ...] = ()
    absent: tuple[tuple[str, Phrase], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def age_band(self) -> str | None:
        """Name of the age band, ``None`` without an age."""
        if self.age_years is None:
            return None
        return next(name for name, edge in AGE_BANDS if self.age_years < edge)

    def closed(self) -> dict[str, tuple[str, ...]]:
        """Give the known closed findings by feature of the tables."""
        single = {
            "age": self.age_band,
            "sex": self.sex,
            "count": self.lesion_count,
            "onset": self.onset,
            "growth": self.growth,
            "duration": self.duration,
        }
        known = {feature: (value,) for feature, value in single.items() if value is not None}
        many = {
            "site": self.sites,
            "colour": self.colour,
            "surface": self.surface,
            "consistency": self.consistency,
            "shape": self.shape,
            "symptoms": self.symptoms,
        }
        return {**known, **{feature: values for feature, values in many.items() if values}}


def read_findings(sheet: Mapping[str, Any], *, file: str | None = None) -> Findings:
    """Check a sheet of findings and understand its phrases.

    Parameters
    ----------
    sheet
        Keys of a published case record; a key left out, null or empty is unknown.
    file
        File, for messages.

    Raises
    ------
    InputError
        If a key is not known, or a closed value is none of the accepted words.
    """
    mapping = as_mapping(sheet, key="findings", file=file, accepted="findings by key; {} for none")
    read = {name: value for name, value in mapping.items() if name not in LABEL_KEYS}
    check_keys(read, FINDING_KEYS, key=None, file=file)
    known = _filled(read)
    course = as_mapping(known.get("course", {}), key="course", file=file, accepted="a section with keys")
    course.pop("text", None)
    check_keys(course, COURSE_KEYS, key="course", file=file)
    course = _filled(course)
    field = load_field()
    phrases = _phrases(known, course, file=file)
    present, absent, groups, sites, warnings = _understand(phrases)
    words = _closed_words(known, field, file=file)
    months = duration_months_of(course.get("duration_months"), file=file)
    band = choice_of(
        course.get("duration_band"), "duration_band", field, key="course.duration_band", file=file
    )
    if known.get("extractable") is not None and not yes_no_of(
        known["extractable"], key="extractable", file=file
    ):
        absent_content = Phrase("extractable", "not extractable")
        present = (*present, ("nothing_expressed", absent_content))
    skin_type, skin_warning = _skin_type(known.get("skin_type"), file=file)
    return Findings(
        age_years=age_years_of(known.get("age_years"), file=file),
        sex=choice_of(known.get("sex"), "sex", field, key="sex", file=file),
        skin_type=skin_type,
        sites=tuple(dict.fromkeys((*words.pop("sites"), *sites))),
        site_groups=groups,
        lesion_count=_count(known.get("lesion_count"), field, file=file),
        size_mm=size_mm_of(known.get("size_mm"), file=file),
        duration_months=months,
        duration=_band(months) or band,
        onset=choice_of(course.get("onset"), "onset", field, key="course.onset", file=file),
        growth=choice_of(course.get("growth"), "growth", field, key="course.growth", file=file),
        spontaneous_resolution=_flag(course.get("spontaneous_resolution"), file=file),
        present=present,
        absent=absent,
        warnings=(*warnings, *skin_warning),
        **words,
    )


def _filled(section: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is null, blank or empty: unknown, however it is written."""
    return {
        name: value
        for name, value in section.items()
        if value is not None
        and not (isinstance(value, str) and not value.strip())
        and not (isinstance(value, list | tuple | dict) and not value)
    }


def _closed_words(known: Mapping[str, Any], field: Field, *, file: str | None) -> dict[str, tuple[str, ...]]:
    made = {}
    for key in ("sites", "colour", "surface", "consistency", "shape", "symptoms"):
        listed = sheet_list(known.get(key), key=key, file=file)
        chosen = [choice_of(v, key, field, key=f"{key}[{i}]", file=file) for i, v in enumerate(listed)]
        made[key] = tuple(dict.fromkeys(word for word in chosen if word is not None))
    return made


def _phrases(known: Mapping[str, Any], course: Mapping[str, Any], *, file: str | None) -> tuple[Phrase, ...]:
    made = []
    inputs = [(key, known.get(key)) for key in OPEN_INPUTS if key != "skin_type"]
    for key, raw in (*inputs, ("course.arrangement", course.get("arrangement"))):
        for i, text in enumerate(sheet_list(raw, key=key, file=file)):
            if not isinstance(text, str):
                raise InputError(
                    "this is no phrase", file=file, key=f"{key}[{i}]", value=text, accepted="text in quotes"
                )
            if len(text) > 400:
                raise InputError(
                    "the phrase is too long",
                    file=file,
                    key=f"{key}[{i}]",
                    value=text,
                    accepted="up to 400 characters",
                )
            if text.strip():
                made.append(Phrase(key, text.strip()))
    return tuple(made)


_Found = tuple[tuple[str, Phrase], ...]


def _understand(
    phrases: tuple[Phrase, ...],
) -> tuple[_Found, _Found, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    lexicon = load_lexicon()
    present: dict[str, Phrase] = {}
    absent: dict[str, Phrase] = {}
    sites: dict[str, None] = {}
    warnings = []
    for phrase in phrases:
        reading = lexicon.read(phrase.text, phrase.key)
        if not reading.understood:
            near = ", ".join(f"'{word}'" for word in reading.nearest)
            warnings.append(
                f"{phrase.key}: '{phrase.text}' was not understood and not used; nearest known terms: {near}"
            )
        for match in reading.matches:
            if match.term.startswith("site:"):
                if match.present:
                    sites[match.term.removeprefix("site:")] = None
            else:
                (present if match.present else absent).setdefault(match.term, phrase)
    for term in [t for t in absent if t in present]:
        warnings.append(
            f"{present[term].key}: '{present[term].text}' and '{absent[term].text}' contradict each other; "
            "read as present"
        )
        del absent[term]
    groups = tuple(s for s in sites if s in ("face", "centre", "eyelid"))
    plain_sites = tuple(s for s in sites if s not in groups)
    return tuple(present.items()), tuple(absent.items()), groups, plain_sites, tuple(warnings)


def _skin_type(raw: object, *, file: str | None) -> tuple[str | None, tuple[str, ...]]:
    if raw is None or raw == "":
        return None, ()
    if not isinstance(raw, str):
        raise InputError(
            "this is no phrase", file=file, key="skin_type", value=raw, accepted="'IV' or 'Asian'"
        )
    words = raw.lower().replace("-", " ").replace("/", " ").split()
    if any(word in _SKIN_TYPES for word in words):
        return raw, ()
    return raw, (
        f"skin_type: '{raw}' was not understood; known: I to VI, Asian, African, white and the like",
    )


def _count(raw: object, field: Field, *, file: str | None) -> str | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        if raw < 1:
            raise InputError(
                "there must be at least one lesion",
                file=file,
                key="lesion_count",
                value=raw,
                accepted="1, few, many",
            )
        return "1" if raw == 1 else "few" if raw < 5 else "many"
    if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit() and raw.strip() != "1":
        return _count(int(raw.strip()[:9]), field, file=file)
    return choice_of(raw, "lesion_count", field, key="lesion_count", file=file)


def _flag(raw: object, *, file: str | None) -> bool | None:
    return (
        None if raw is None or raw == "" else yes_no_of(raw, key="course.spontaneous_resolution", file=file)
    )


def _band(months: float | None) -> str | None:
    if months is None:
        return None
    return "weeks" if months < 2 else "months" if months < 12 else "years"
