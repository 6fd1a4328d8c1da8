"""A clinic's reviews: bound to the text that was read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from milia.base import InputError
from milia.language import ENGLISH
from milia.learn import Library, ask, load_library


def written(folder: Path, **changes: object) -> Path:
    entry = {
        "article": "prevention",
        "language": "en",
        "reviewer": "Dr Example, dermatologist",
        "reviewed": "2026-11-20",
    } | changes
    (folder / "reviews.yaml").write_text(yaml.safe_dump({"reviews": [entry]}), encoding="utf-8")
    return folder


def checksum(library: Library, slug: str = "prevention") -> str:
    article = library.article(slug, ENGLISH)
    assert article is not None
    return article.checksum


def test_a_review_names_the_reviewer(tmp_path: Path, library: Library) -> None:
    found = load_library(written(tmp_path, text=checksum(library)))
    article = found.article("prevention", ENGLISH)
    assert article is not None
    assert article.review is not None
    assert article.review.reviewer == "Dr Example, dermatologist"
    assert [one.slug for one in found.reviewed_only()] == ["prevention"]
    assert found.reviewed_only().articles[0].related == ()


def test_a_review_of_another_text_is_refused(tmp_path: Path, library: Library) -> None:
    with pytest.raises(InputError, match="has changed since this review") as caught:
        load_library(written(tmp_path, text="0123456789ab"))
    assert caught.value.key == "reviews[0].text"
    assert checksum(library) in str(caught.value.accepted)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"article": "preventoin"}, "reviews[0].article"),
        ({"language": "fr"}, "reviews[0].language"),
        ({"reviewer": ""}, "reviews[0].reviewer"),
        ({"reviewed": "soon"}, "reviews[0].reviewed"),
        ({"text": None}, "reviews[0].text"),
        ({"remark": "x"}, "reviews[0].remark"),
    ],
)
def test_refused(tmp_path: Path, library: Library, change: dict[str, object], key: str) -> None:
    with pytest.raises(InputError) as caught:
        load_library(written(tmp_path, **({"text": checksum(library)} | change)))
    assert caught.value.key == key


def test_only_reviewed_texts_answer_where_that_is_asked_for(tmp_path: Path, library: Library) -> None:
    shelf = load_library(written(tmp_path, text=checksum(library)))
    answered = ask("how can I prevent milia?", library=shelf, reviewed_only=True)
    assert answered.kind == "library"
    assert answered.to_dict()["passage"]["reviewer"] == "Dr Example, dermatologist"
    refused = ask("when can I wear make-up again?", library=shelf, reviewed_only=True)
    assert (refused.kind, refused.reason, refused.passage) == ("clinic", "not_reviewed", None)
