"""YAML files: what is data, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from milia.base import InputError, parse_yaml_mapping, read_yaml_mapping


def write(folder: Path, content: bytes | str) -> Path:
    path = folder / "case.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_plain_values(tmp_path: Path) -> None:
    text = "a: 1\nb: [x, {c: 2.5}]\nd: yes\ne: 1e3\nf: ~\ng: '90'\nh: |\n  90\n"
    text += "i: -.5\nj: null\nk: false\nl: IV\n"
    assert read_yaml_mapping(write(tmp_path, text)) == {
        "a": 1,
        "b": ["x", {"c": 2.5}],
        "d": True,
        "e": 1000.0,
        "f": None,
        "g": "90",
        "h": "90\n",
        "i": -0.5,
        "j": None,
        "k": False,
        "l": "IV",
    }


@pytest.mark.parametrize("text", ["a: 010", "a: 10:30", "a: 1_000", "a: 0x10", "a: 2026-01-01"])
def test_numbers_are_decimal_and_dates_are_text(text: str) -> None:
    assert parse_yaml_mapping(text, file="f") == {"a": text[3:]}


def test_byte_order_mark(tmp_path: Path) -> None:
    assert read_yaml_mapping(write(tmp_path, b"\xef\xbb\xbfa: 1\r\n")) == {"a": 1}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param(" \n\n", "the file is empty", id="blank"),
        pytest.param("# nothing\n", "no keys at its top level", id="comment"),
        pytest.param("- 1\n- 2\n", "no keys at its top level", id="list"),
        pytest.param("90 um", "no keys at its top level", id="scalar"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "binary", id="binary"),
        pytest.param("a: µ".encode("latin-1"), "line 1: byte 0xb5 is not UTF-8", id="latin-1"),
        pytest.param("a: 1".encode("utf-16"), "", id="utf-16"),
        pytest.param("a: 1\nb: 2\na: 3", "a: line 3: this key is written twice", id="duplicate"),
        pytest.param("p: {a: 1, a: 2}", "p.a: line 1: this key is written twice", id="inner-duplicate"),
        pytest.param("p:\n  5: x", "5: line 2: a key is not text", id="number-key"),
        pytest.param("true: x", "a key is not text", id="flag-key"),
        pytest.param("? [a, b]\n: x", "a key is not text", id="list-key"),
        pytest.param("a: &x [1]\nb: *x", "anchors and aliases", id="anchor"),
        pytest.param("a: *x", "anchors and aliases", id="alias"),
        pytest.param("b: {<<: {a: 1}}", "merge keys", id="merge"),
        pytest.param("a: !!python/object/apply:os.system ['true']", "tags", id="tag"),
        pytest.param("a: !!str 90", "tags", id="plain-tag"),
        pytest.param("a: 1\n---\nb: 2", "second document", id="documents"),
        pytest.param("a:\n\tb: 1", "line 2, column 1", id="tab"),
        pytest.param("a: [1, 2\nb: 3", "line 2", id="open-list"),
        pytest.param("a: b: c", "line 1, column 5", id="colon"),
        pytest.param("a: 'x", "not valid YAML", id="open-quote"),
        pytest.param("a: x\x07", "not valid YAML", id="control"),
        pytest.param("a: .nan", "a: .nan: line 1: the number is not finite", id="nan"),
        pytest.param("a: [1, -.inf]", "a[1]: -.inf: line 1: the number is not finite", id="inf"),
        pytest.param("a: 1e999", "the number is not finite", id="overflow"),
        pytest.param("a: " + "9" * 100_000, "the number is too long", id="digits"),
        pytest.param("a: " + "[" * 30 + "]" * 30, "nested deeper than 20", id="depth"),
        pytest.param("a: " + "[" * 900_000, "nested deeper than 20", id="bomb-depth"),
        pytest.param("{" * 900_000, "nested deeper than 20", id="bomb-braces"),
        pytest.param("a: " + "x" * (1 << 20), "larger than 1 MiB", id="size"),
    ],
)
def test_refused(tmp_path: Path, content: bytes | str, problem: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_yaml_mapping(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert problem in message
    assert "Accepted: " in message
    assert len(message.splitlines()) == 1


def test_a_tab_is_named_as_the_cause() -> None:
    with pytest.raises(InputError, match="a tab stands in the indentation, use spaces"):
        parse_yaml_mapping("a:\n\tb: 1", file="f")


def test_billion_laughs_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 64)]
    with pytest.raises(InputError, match="anchors and aliases"):
        parse_yaml_mapping("\n".join(lines), file="f")


def test_twenty_levels_pass() -> None:
    text = "a: " + "[" * 19 + "]" * 19
    assert "a" in parse_yaml_mapping(text, file="f")


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(50 << 30)
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_yaml_mapping(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_yaml_mapping(tmp_path / "none.yaml")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is a folder"):
        read_yaml_mapping(tmp_path)


def test_a_name_with_a_null_byte() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_yaml_mapping("a\0b.yaml")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1")
    path.chmod(0)
    with pytest.raises(InputError, match="may not be read by this user"):
        read_yaml_mapping(path)


def test_a_refusing_system_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match="may not be read by this user"):
        read_yaml_mapping(tmp_path / "case.yaml")
