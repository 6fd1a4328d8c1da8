"""Reads the diagnosis tables: conditions, findings, terms and words, strictly."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from milia.knowledge import DATA_FOLDER, FLAGS, Knowledge, KnowledgeError, Statement, load_knowledge

FOLDER = DATA_FOLDER / "diagnosis"
GRADES = ("always", "usually", "often", "sometimes", "rarely", "never")
FREQUENCIES = ("dominant", "very_common", "common", "uncommon", "rare")
REFER = ("no", "advice", "review", "must")
INPUTS = ("history", "sign", "arrangement", "dermoscopy", "content")
BACKGROUNDS = ("specific", "uncommon", "common")
OTHER = "something else"

BASE_SITES = (
    "upper_eyelid",
    "lower_eyelid",
    "periorbital",
    "canthus",
    "glabella",
    "forehead",
    "temple",
    "cheek",
    "nose",
    "perioral",
    "chin",
    "ear",
    "neck",
    "trunk",
    "limbs",
    "genital",
)
MORE_SITES = ("scalp", "axilla", "hands", "mouth")
SITE_GROUPS = {
    "eyelid": ("upper_eyelid", "lower_eyelid", "periorbital", "canthus"),
    "face": BASE_SITES[:11],
    "centre": ("glabella", "cheek", "nose", "perioral", "chin"),
}
AGE_BANDS = (
    ("newborn", 0.17),
    ("infant", 2.0),
    ("child", 12.0),
    ("teen", 20.0),
    ("young", 40.0),
    ("middle", 60.0),
    ("old", float("inf")),
)
"""Name and upper edge in years of each age band."""

CLOSED: dict[str, tuple[str, ...]] = {
    "age": tuple(name for name, _ in AGE_BANDS),
    "sex": ("F", "M"),
    "count": ("1", "few", "many"),
    "site": BASE_SITES + MORE_SITES,
    "colour": ("white", "yellow", "skin", "pink/red", "brown", "blue/translucent", "black"),
    "surface": ("smooth", "rough/verrucous", "umbilicated", "telangiectatic", "punctum"),
    "consistency": ("firm", "soft", "hard"),
    "shape": ("dome", "flat-topped", "plaque", "cystic"),
    "symptoms": ("none", "itch", "pain", "inflamed"),
    "onset": ("gradual", "sudden", "congenital"),
    "growth": ("size", "number", "size+number", "rapid", "stable"),
    "duration": ("weeks", "months", "years"),
}

_NUMBER = re.compile(r"([0-9.]+) \[([0-9.]+)-([0-9.]+)\]")
_SIZE = re.compile(r"([0-9.]+)-([0-9.]+) mm")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the differential; several forms may share a group."""

    name: str
    group: str
    frequency: str
    refer: str
    icd10cm: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Share of a condition's cases that shows an answer, with its 90 % range and source."""

    value: float
    low: float
    high: float
    words: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a phrase can mean."""

    id: str
    family: str
    input: str
    background: str
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A rule that sends the patient on, whatever the probabilities say."""

    id: str
    text: str
    urgency: str
    patient: str
    clears: str
    when: tuple[tuple[str, ...], ...]
    unless: tuple[tuple[str, ...], ...]
    source: tuple[str, ...]
    flag: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A note that is no referral."""

    id: str
    text: str
    when: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Everything that the diagnosis room knows, as read from its data files."""

    conditions: tuple[Condition, ...]
    shares: dict[tuple[str, str, str], Share]
    sizes_mm: dict[str, tuple[float, float]]
    size_sources: dict[str, tuple[str, str]]
    terms: dict[str, Term]
    words: dict[tuple[str, str], tuple[str, ...]]
    red_flags: tuple[RedFlag, ...]
    advice: tuple[Advice, ...]
    numbers: dict[str, float]

    def share(self, condition: str, feature: str, value: str) -> Share | None:
        """Return the table's entry, ``None`` where the table is silent."""
        return self.shares.get((condition, feature, value))


@functools.lru_cache(maxsize=1)
def load_field() -> Field:
    """Read and check all diagnosis data once per process."""
    knowledge = load_knowledge()
    terms = {t.id: t for t in _terms()}
    conditions = _conditions()
    shares, sizes, size_sources = _findings(knowledge, {c.name for c in conditions}, set(terms))
    return Field(
        conditions=conditions,
        shares=shares,
        sizes_mm=sizes,
        size_sources=size_sources,
        terms=terms,
        words={(row["feature"], row["value"]): _split(row["words"]) for row in _rows("vocabulary.csv")},
        red_flags=tuple(_red_flag(s, terms) for s in knowledge.statements("diagnosis.red_flag")),
        advice=_advice(terms),
        numbers={q.id.removeprefix("diagnosis."): q.value for q in knowledge.quantities("diagnosis")},
    )


def grade_range(grade: str, *, prefix: str = "grade") -> tuple[float, float, float]:
    """Return value, low and high of a grade, background or other model number."""
    quantity = load_knowledge().quantity(f"diagnosis.{prefix}.{grade}")
    spread = quantity.spread
    if spread.low is None or spread.high is None:
        raise KnowledgeError(f"{quantity.id} needs a spread of kind range")
    return quantity.value, spread.low, spread.high


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, strict=True):
            if None in row or None in row.values():
                raise KnowledgeError(f"a row has too many or too few cells: {row!r}", file=name)
            yield row


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _choice(row: dict[str, str], key: str, accepted: tuple[str, ...], *, file: str) -> str:
    if row[key] not in accepted:
        raise KnowledgeError(f"{key} is {row[key]!r}; accepted: {', '.join(accepted)}", file=file)
    return row[key]


def _conditions() -> tuple[Condition, ...]:
    file = "conditions.csv"
    made = tuple(
        Condition(
            name=row["condition"],
            group=row["group"],
            frequency=_choice(row, "frequency", FREQUENCIES, file=file),
            refer=_choice(row, "refer", REFER, file=file),
            icd10cm=row["icd10cm"] or None,
            names=_split(row["names"]),
        )
        for row in _rows(file)
    )
    if len({c.name for c in made}) != len(made):
        raise KnowledgeError("a condition is given twice", file=file)
    return made


def _terms() -> Iterator[Term]:
    file = "terms.csv"
    for row in _rows(file):
        yield Term(
            id=row["term"],
            family=row["family"],
            input=_choice(row, "input", INPUTS, file=file),
            background=_choice(row, "background", BACKGROUNDS, file=file),
            title=row["title"],
            words=_split(row["words"]),
        )


def _findings(
    knowledge: Knowledge, conditions: set[str], terms: set[str]
) -> tuple[dict[tuple[str, str, str], Share], dict[str, tuple[float, float]], dict[str, tuple[str, str]]]:
    file = "findings.csv"
    known = {source.id for source in knowledge.sources}
    shares: dict[tuple[str, str, str], Share] = {}
    sizes: dict[str, tuple[float, float]] = {}
    size_sources: dict[str, tuple[str, str]] = {}
    for row in _rows(file):
        condition, feature = row["condition"], row["feature"]
        _choice(row, "flag", FLAGS, file=file)
        if condition not in conditions or row["source"] not in known:
            raise KnowledgeError(f"unknown condition or source: {condition!r}, {row['source']!r}", file=file)
        if feature == "size":
            sizes[condition] = _size(row["cells"], file=file)
            size_sources[condition] = (row["source"], row["flag"])
            continue
        accepted = terms if feature == "term" else {*CLOSED.get(feature, ()), "true"}
        for cell in _split(row["cells"]):
            value, _, share = cell.partition("=")
            key = (condition, feature, value)
            if value not in accepted or key in shares:
                raise KnowledgeError(f"unknown or repeated cell {key!r}", file=file)
            shares[key] = _share(share, source=row["source"], flag=row["flag"], file=file)
    return shares, sizes, size_sources


def _size(text: str, *, file: str) -> tuple[float, float]:
    found = _SIZE.fullmatch(text)
    if found is None or not 0 < float(found[1]) < float(found[2]):
        raise KnowledgeError(f"size is {text!r}; accepted: '0.5-3 mm'", file=file)
    return float(found[1]), float(found[2])


def _share(text: str, *, source: str, flag: str, file: str) -> Share:
    if text in GRADES:
        value, low, high = grade_range(text)
        return Share(value, low, high, text, source, flag)
    found = _NUMBER.fullmatch(text)
    if found is None or not 0 <= float(found[2]) <= float(found[1]) <= float(found[3]) <= 1:
        raise KnowledgeError(f"share is {text!r}; accepted: a grade or '0.5 [0.3-0.7]'", file=file)
    value, low, high = float(found[1]), float(found[2]), float(found[3])
    return Share(value, low, high, f"{100 * value:.0f} %", source, flag)


def _lines(raw: object, terms: dict[str, Term], *, entry: str) -> tuple[tuple[str, ...], ...]:
    if not isinstance(raw, list) or not all(isinstance(line, list) and line for line in raw):
        raise KnowledgeError(f"{entry}: a rule is a list of lists of tokens, not {raw!r}")
    made = tuple(tuple(str(token) for token in line) for line in raw)
    for token in (token.lstrip("!") for line in made for token in line):
        if not (token in terms or ":" in token or token.startswith("age")):
            raise KnowledgeError(f"{entry}: unknown token {token!r}")
    return made


def _red_flag(statement: Statement, terms: dict[str, Term]) -> RedFlag:
    extra = statement.extra
    return RedFlag(
        id=statement.id,
        text=statement.text,
        urgency=str(extra["urgency"]),
        patient=str(extra["patient"]),
        clears=str(extra["clears"]),
        when=_lines(extra["when"], terms, entry=statement.id),
        unless=_lines(extra.get("unless", []), terms, entry=statement.id),
        source=statement.source,
        flag=statement.flag,
    )


def _advice(terms: dict[str, Term]) -> tuple[Advice, ...]:
    from milia.knowledge import read_data_file

    path: Path = FOLDER / "red_flags.yaml"
    raw = read_data_file(path, file=path.name)["advice"]
    return tuple(
        Advice(id=entry["id"], text=entry["text"], when=_lines(entry["when"], terms, entry=entry["id"]))
        for entry in raw
    )
