"""Every sentence of the app is there in Korean, with the same gaps; nothing else is in the catalogues."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from milia.language import ENGLISH, language
from milia.web.i18n import STAFF_LANGUAGES, Words, best_language, catalogue

WEB = Path(__file__).resolve().parents[2] / "src/milia/web"
_CALL = re.compile(r"""(?<![\w.])(?:ask\.)?t\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_GAP = re.compile(r"\{[a-z_0-9]+\}")
KOREAN = language("ko")


def sentences() -> dict[str, str]:
    """Every sentence in templates and modules, with one place where it stands."""
    found: dict[str, str] = {}
    for path in sorted((WEB / "templates").rglob("*.html")):
        for match in _CALL.finditer(path.read_text(encoding="utf-8")):
            found.setdefault(ast.literal_eval(match[1]), path.name)
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if (
                name in ("mark", "t", "words")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                found.setdefault(first.value, path.name)
    return found


def test_every_sentence_has_a_korean_one() -> None:
    missing = {text: where for text, where in sentences().items() if text not in catalogue("ko")}
    assert missing == {}


def test_every_korean_sentence_has_the_gaps_of_the_english_one() -> None:
    wrong = [
        text
        for text, korean in catalogue("ko").items()
        if sorted(_GAP.findall(text)) != sorted(_GAP.findall(korean))
    ]
    assert wrong == []


def test_korean_is_korean() -> None:
    """A sentence copied over untranslated would pass the other tests."""
    plain = [
        text
        for text, korean in catalogue("ko").items()
        if not re.search("[가-힣]", korean) and re.search("[a-z]{4}", _GAP.sub("", korean)) and text == korean
    ]
    assert plain == []


def test_the_finder_finds_what_stands_in_templates_and_modules() -> None:
    found = sentences()
    assert found["Sign in"] == "sign_in.html"
    assert "The clinic is set up." in found
    assert len(found) > 150


@pytest.mark.parametrize(
    ("chosen", "accepted", "tag"),
    [
        ("ko", "en", "ko"),
        (None, "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, "fr,ko;q=0.5", "ko"),
        (None, "ja", "en"),
        ("ja", "", "en"),
        ("<script>", ";;,,", "en"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_browsers(
    chosen: str | None, accepted: str, tag: str
) -> None:
    assert best_language(chosen, accepted).tag == tag


def test_dates_times_and_numbers_follow_the_locale_and_the_clinics_zone() -> None:
    english, korean = Words(ENGLISH, "Asia/Seoul"), Words(KOREAN, "Asia/Seoul")
    moment = datetime(2026, 3, 4, 15, 5, tzinfo=UTC)
    assert english.moment(moment) == "5 March 2026 00:05"
    assert korean.moment(moment) == "2026년 3월 5일 00:05"
    assert korean.day("2026-12-03") == korean.day(date(2026, 12, 3)) == "2026년 12월 3일"
    assert english.number(12345.678, 1) == "12,345.7"
    assert english.percent(0.256) == "26 %"
    assert korean.percent(0.256) == "26%"
    assert {known.tag for known in STAFF_LANGUAGES} == {"en", "ko"}
