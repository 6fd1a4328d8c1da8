"""The loader refuses whatever is incomplete or inconsistent, and says where."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from milia.knowledge import KnowledgeError, load_folder

SOURCES = [
    {"id": "smith_2000", "citation": "Smith 2000", "how_read": "abstract"},
    {"id": "unseen", "citation": "Nobody read it", "how_read": "none"},
]
QUANTITY: dict[str, Any] = {
    "id": "skin.thickness",
    "title": "thickness",
    "value": 1.5,
    "unit": "mm",
    "spread": {"kind": "range", "low": 1.0, "high": 2.0},
    "source": "smith_2000",
    "flag": "read",
}
STATEMENT: dict[str, Any] = {
    "id": "care.rule",
    "text": "Do it.",
    "source": ["smith_2000"],
    "flag": "read",
    "level": 4,
    "topic": "eyes",
}


def write(folder: Path, content: object, name: str = "a.yaml") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")


def quantity(**changes: Any) -> dict[str, Any]:
    return {k: v for k, v in {**copy.deepcopy(QUANTITY), **changes}.items() if v is not ...}


def test_a_complete_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"sources": SOURCES, "quantities": [QUANTITY], "statements": [STATEMENT]})
    knowledge = load_folder(tmp_path)
    read = knowledge.quantity("skin.thickness")
    assert (read.value, read.unit, read.flag, read.source) == (1.5, "mm", "read", ("smith_2000",))
    assert read.si == pytest.approx(1.5e-3)
    assert read.range_si == pytest.approx((1.05e-3, 1.95e-3))
    rule = knowledge.statement("care.rule")
    assert rule.level == 4
    assert dict(rule.extra) == {"topic": "eyes"}
    with pytest.raises(TypeError):
        rule.extra["topic"] = "changed"  # type: ignore[index]


@pytest.mark.parametrize("key", ["id", "value", "unit", "spread", "source", "flag"])
def test_a_quantity_without_a_needed_key_is_refused(tmp_path: Path, key: str) -> None:
    write(tmp_path, {"sources": SOURCES, "quantities": [quantity(**{key: ...})]})
    with pytest.raises(KnowledgeError, match=rf"a\.yaml.*without (an )?{key}"):
        load_folder(tmp_path)


@pytest.mark.parametrize("key", ["id", "text", "source", "flag"])
def test_a_statement_without_a_needed_key_is_refused(tmp_path: Path, key: str) -> None:
    statement = {k: v for k, v in STATEMENT.items() if k != key}
    write(tmp_path, {"sources": SOURCES, "statements": [statement]})
    with pytest.raises(KnowledgeError, match=rf"a\.yaml.*without (an )?{key}"):
        load_folder(tmp_path)


@pytest.mark.parametrize("key", ["id", "citation", "how_read"])
def test_a_source_without_a_needed_key_is_refused(tmp_path: Path, key: str) -> None:
    write(tmp_path, {"sources": [{k: v for k, v in SOURCES[0].items() if k != key}]})
    with pytest.raises(KnowledgeError, match=rf"a\.yaml.*without (an )?{key}"):
        load_folder(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vlaue": 3}, r"unknown key 'vlaue'; did you mean 'value'\?"),
        ({"source": "smith_2001"}, r"unknown source 'smith_2001'; did you mean 'smith_2000'\?"),
        ({"source": []}, "source is"),
        ({"source": "unseen"}, "was not read"),
        ({"flag": "guess"}, "flag is 'guess'"),
        ({"flag": "default"}, "needs a note"),
        ({"flag": "derived"}, "needs a note"),
        ({"flag": "memory", "note": "  "}, "note is"),
        ({"unit": "furlongz"}, "'furlongz' cannot be read"),
        ({"value": float("nan")}, "finite"),
        ({"value": float("inf")}, "finite"),
        ({"value": "1.5"}, "accepted: a number"),
        ({"value": True}, "accepted: a number"),
        ({"value": 2.5}, "does not contain"),
        ({"value": 0.5}, "does not contain"),
        ({"spread": {"kind": "range", "low": 1.5, "high": 1.5}}, "does not contain"),
        ({"spread": {"kind": "range", "low": float("nan"), "high": 2.0}}, "finite"),
        ({"spread": {"kind": "range", "low": 1.0}}, "has the keys"),
        ({"spread": {"kind": "exact", "low": 1.0}}, "has the keys"),
        ({"spread": {"kind": "sd", "sd": 0.0}}, "does not contain"),
        ({"spread": {"kind": "lognormal", "factor": 1.0}}, "does not contain"),
        ({"spread": {"kind": "lognormal", "factor": 2.0}, "value": -1.0}, "does not contain"),
        ({"spread": {"kind": "gamma"}}, "spread is"),
        ({"spread": 0.1}, "spread is"),
        ({"id": "Skin Thickness"}, "small letters"),
    ],
)
def test_an_inconsistent_quantity_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    write(tmp_path, {"sources": SOURCES, "quantities": [quantity(**changes)]})
    with pytest.raises(KnowledgeError, match=message) as caught:
        load_folder(tmp_path)
    assert "a.yaml" in str(caught.value)


@pytest.mark.parametrize("level", [0, 6, "4", True])
def test_a_level_outside_one_to_five_is_refused(tmp_path: Path, level: object) -> None:
    write(tmp_path, {"sources": SOURCES, "statements": [{**STATEMENT, "level": level}]})
    with pytest.raises(KnowledgeError, match="level"):
        load_folder(tmp_path)


def test_an_unknown_way_of_reading_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"sources": [{**SOURCES[0], "how_read": "skimmed"}]})
    with pytest.raises(KnowledgeError, match="how_read is 'skimmed'"):
        load_folder(tmp_path)


@pytest.mark.parametrize(
    "second",
    [
        {"quantities": [QUANTITY]},
        {"statements": [{**STATEMENT, "id": "skin.thickness"}]},
        {"sources": SOURCES},
    ],
)
def test_an_id_used_twice_is_refused_with_both_files(tmp_path: Path, second: dict[str, Any]) -> None:
    write(tmp_path, {"sources": SOURCES, "quantities": [QUANTITY]}, "a.yaml")
    write(tmp_path, second, "deep/b.yaml")
    with pytest.raises(KnowledgeError, match=r"deep/b\.yaml.*already used in a\.yaml"):
        load_folder(tmp_path)


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "sources:\n  - id: a\n    id: b\n    citation: c\n    how_read: none\n")
    with pytest.raises(KnowledgeError, match="given twice"):
        load_folder(tmp_path)


@pytest.mark.parametrize("text", ["- 1\n", "sources: {a: 1}\n", "quantities: [1]\n", "a: [\n"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(KnowledgeError, match=r"a\.yaml"):
        load_folder(tmp_path)


def test_a_misspelt_list_is_refused_everywhere_and_other_keys_only_outside_room_folders(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"device": {"name": "x"}}, "devices/x.yaml")
    assert load_folder(tmp_path).quantities() == ()
    write(tmp_path, {"quantites": []}, "devices/y.yaml")
    with pytest.raises(KnowledgeError, match="did you mean 'quantities'"):
        load_folder(tmp_path)
    (tmp_path / "devices/y.yaml").unlink()
    write(tmp_path, {"device": {}}, "skin/z.yaml")
    with pytest.raises(KnowledgeError, match=r"skin/z\.yaml: unknown top-level key 'device'"):
        load_folder(tmp_path)


def test_exponents_without_sign_are_numbers(tmp_path: Path) -> None:
    exact = "spread: {kind: exact}, source: s, flag: read"
    write(
        tmp_path,
        "sources: [{id: s, citation: S, how_read: code}]\n"
        f"quantities:\n  - {{id: a, value: 3.1e98, unit: 1/s, {exact}}}\n"
        f"  - {{id: b, value: 2e3, unit: m, {exact}}}\n",
    )
    knowledge = load_folder(tmp_path)
    assert knowledge.quantity("a").si == 3.1e98
    assert knowledge.quantity("b").si == 2000.0


def test_references_are_deduplicated_in_order_of_use(tmp_path: Path) -> None:
    more = [*SOURCES, {"id": "jones_1999", "citation": "Jones 1999", "how_read": "table"}]
    write(
        tmp_path,
        {
            "sources": more,
            "quantities": [QUANTITY, quantity(id="b", source=["jones_1999", "smith_2000"])],
            "statements": [STATEMENT],
        },
    )
    knowledge = load_folder(tmp_path)
    assert [s.id for s in knowledge.references(["b", "skin.thickness", "care.rule"])] == [
        "jones_1999",
        "smith_2000",
    ]
    assert [s.id for s in knowledge.references(["care.rule", "jones_1999"])] == ["smith_2000", "jones_1999"]
    with pytest.raises(KnowledgeError, match=r"there is no entry 'skin.thicknes'; nearest: skin.thickness"):
        knowledge.references(["skin.thicknes"])


def test_a_prefix_ends_at_a_dot(tmp_path: Path) -> None:
    ids = ["site.nose", "site.nose.total", "site.nose_tip.total"]
    write(tmp_path, {"sources": SOURCES, "quantities": [quantity(id=id) for id in ids]})
    assert [q.id for q in load_folder(tmp_path).quantities("site.nose")] == ids[:2]
    assert len(load_folder(tmp_path).quantities()) == 3
