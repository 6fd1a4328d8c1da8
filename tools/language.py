"""The catalogues of what patients and staff read: which sentences there are, and whether each is translated.

``check`` ends with status 1 and a line for every fault; ``update`` writes the catalogues anew: sentences that
are gone leave, new ones come in empty, the others keep their translation.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import normalize, read_po
from jinja2 import Environment

from milia.language import LANGUAGES, STAFF_LANGUAGES, Language, placeholders

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = Path(__file__).with_suffix(".yaml")
CALLS = ("Sentence", "_")
STAFF_CALLS = ("told", "joined", "say")
LETTERS = re.compile(r"[A-Za-z]+")
# What each language is written with, what it never is, and a character set that holds its letters.
SCRIPTS: dict[str, tuple[re.Pattern[str], re.Pattern[str], str]] = {
    "ko": (re.compile(r"[가-힣]"), re.compile(r"[ぁ-ヿ一-鿿]"), "cp949"),
    "ja": (re.compile(r"[ぁ-ヿ一-鿿]"), re.compile(r"[가-힣]"), "cp932"),
    "zh-Hans": (re.compile(r"[一-鿿]"), re.compile(r"[가-힣ぁ-ヿ]"), "gb2312"),
}
EVERYWHERE = frozenset("·–—…²µ’‘“”•≥≤×‑~")
HEADER = (
    "Project-Id-Version: Milia",
    "Language: {tag}",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
)


@dataclass(frozen=True)
class Settings:
    """What patients read and what only staff do, and which words stay as they are."""

    fields: tuple[tuple[str, tuple[str, ...]], ...]
    staff: frozenset[str]
    as_they_are: frozenset[str]
    staff_fields: tuple[tuple[str, tuple[str, ...]], ...]
    staff_names: tuple[tuple[str, tuple[str, ...]], ...]
    staff_words: tuple[str, ...]


def settings(file: Path = SETTINGS) -> Settings:
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Settings(
        fields=_fields(data["knowledge"]),
        staff=frozenset(data["staff"]),
        as_they_are=frozenset(data["as_they_are"]),
        staff_fields=_fields(data["staff_knowledge"]),
        staff_names=_fields(data["staff_names"]),
        staff_words=tuple(data["staff_words"]),
    )


def _fields(entries: list[dict[str, Any]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((entry["id"], tuple(entry["fields"])) for entry in entries)


def sentences(root: Path = ROOT, wanted: Settings | None = None) -> dict[str, tuple[str, ...]]:
    """Every sentence a patient may read, with the places it stands in."""
    package = root / "src/milia"
    chosen = wanted or settings()
    return _gathered(
        (
            *_of_knowledge(package / "knowledge/data", chosen.fields),
            *_of_python(package, CALLS, chosen.staff),
            *_of_templates(package, CALLS),
        )
    )


def staff_sentences(root: Path = ROOT, wanted: Settings | None = None) -> dict[str, tuple[str, ...]]:
    """Every sentence that only staff read of a plan, with the places it stands in."""
    package = root / "src/milia"
    chosen = wanted or settings()
    found = _gathered(
        (
            *_of_python(package, STAFF_CALLS, frozenset({"cli", "web"})),
            *_of_templates(package, STAFF_CALLS),
            *_of_printed(package),
            *_of_knowledge(package / "knowledge/data", chosen.staff_fields),
            *(
                (place, text.removesuffix("."))
                for place, text in _of_knowledge(package / "knowledge/data", chosen.staff_names)
            ),
            *(("tools/language.yaml", word) for word in chosen.staff_words),
        )
    )
    patients = sentences(root, chosen)
    return {text: places for text, places in found.items() if text not in patients}


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for place, text in pairs:
        places = found.setdefault(text, [])
        if place not in places:
            places.append(place)
    return {text: tuple(places) for text, places in found.items()}


def _of_knowledge(folder: Path, wanted: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*.yaml")):
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
        for statement in data.get("statements") or ():
            for start, fields in wanted:
                if str(statement["id"]).startswith(start):
                    for field in fields:
                        for text in _texts(statement.get(field)):
                            yield f"{statement['id']}.{field}", text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _of_python(package: Path, calls: tuple[str, ...], left_out: frozenset[str]) -> Iterator[tuple[str, str]]:
    for file in sorted(package.rglob("*.py")):
        source, place = file.read_text(encoding="utf-8"), file.relative_to(package).as_posix()
        if left_out & {place, place.split("/")[0]} or not any(f"{call}(" in source for call in calls):
            continue
        for node in ast.walk(ast.parse(source)):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            first = node.args[0]
            if name in calls and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield place, first.value


def _of_templates(package: Path, calls: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    environment: Any = Environment(extensions=["jinja2.ext.i18n"])
    for file in sorted(package.rglob("*.j2")):
        for _, _, text in environment.extract_translations(file.read_text(encoding="utf-8"), calls):
            # a call with values comes as a tuple, the sentence first
            first = text[0] if isinstance(text, tuple) else text
            if isinstance(first, str):
                yield file.relative_to(package).as_posix(), first


def _of_printed(package: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(package.rglob("*.typ")):
        for text in re.findall(r'say\("([^"]+)"\)', file.read_text(encoding="utf-8")):
            yield file.relative_to(package).as_posix(), text


def faults(catalogue: Catalog, wanted: Mapping[str, tuple[str, ...]], language: Language) -> Iterator[str]:
    """Say everything that keeps a page in this language from being whole and right."""
    same = settings().as_they_are
    held = {str(message.id): message for message in catalogue if message.id}
    for text, places in wanted.items():
        message = held.get(text)
        if message is None or not message.string:
            yield f"missing: {text!r} ({', '.join(places)})"
        elif message.fuzzy:
            yield f"fuzzy: {text!r}"
        else:
            yield from (f"{fault}: {text!r}" for fault in wrong(text, str(message.string), language, same))
    yield from (f"stale: {text!r}" for text in held if text not in wanted)


def wrong(text: str, translation: str, language: Language, as_they_are: frozenset[str]) -> Iterator[str]:
    """Say what is wrong with one translation."""
    if sorted(placeholders(text)) != sorted(placeholders(translation)):
        yield "the gaps differ"
    if translation != translation.strip() or "\n" in translation:
        yield "white space at an end, or a line break"
    bare = re.sub(r"\{[^}]*\}", "", translation)
    letters, never, charset = SCRIPTS[language.tag]
    untranslated = [word for word in LETTERS.findall(bare) if len(word) > 1 and word not in as_they_are]
    if untranslated:
        yield f"English left in it ({', '.join(untranslated)})"
    original = [word for word in LETTERS.findall(re.sub(r"\{[^}]*\}", "", text)) if word not in as_they_are]
    if original and text not in as_they_are and not letters.search(bare) and not re.search(r"\d", bare):
        yield f"no {language.name} in it"
    foreign = [c for c in bare if never.match(c) or not (c in EVERYWHERE or _written_in(c, charset))]
    if foreign:
        yield f"characters that {language.name} does not use ({''.join(foreign)})"


def _written_in(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def written(catalogue: Catalog, wanted: Mapping[str, tuple[str, ...]], language: Language) -> str:
    """The catalogue's file, in the order of the sources and without the date and machine that wrote it."""
    head = "\n".join(f'"{line.format(tag=language.catalogue)}\\n"' for line in HEADER)
    blocks = [f'msgid ""\nmsgstr ""\n{head}']
    for text, places in wanted.items():
        message = catalogue.get(text)
        translation = str(message.string) if message and message.string else ""
        fuzzy = "#, fuzzy\n" if message and message.fuzzy else ""
        blocks.append(
            f"#: {' '.join(places)}\n{fuzzy}msgid {normalize(text, width=110)}\n"
            f"msgstr {normalize(translation, width=110)}"
        )
    return "\n\n".join(blocks) + "\n"


def catalogue_file(language: Language, root: Path = ROOT, *, kind: str = "") -> Path:
    return root / f"src/milia/language/catalogues/{language.catalogue}{kind}.po"


def read(file: Path, language: Language) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, locale=language.locale)


def main(words: list[str]) -> int:
    if words not in (["check"], ["update"]):
        print("usage: tools/language check|update", file=sys.stderr)
        return 2
    patients, staff, failed = sentences(), staff_sentences(), 0
    for language in LANGUAGES[1:]:
        for kind, wanted in (("", patients), (".staff", staff)):
            if kind and language not in STAFF_LANGUAGES:
                continue
            file = catalogue_file(language, kind=kind)
            catalogue = read(file, language) if file.exists() else Catalog()
            if words == ["update"]:
                file.write_text(written(catalogue, wanted, language), encoding="utf-8")
                catalogue = read(file, language)
            found = list(faults(catalogue, wanted, language))
            failed += len(found)
            print(f"{language.tag}{kind}: {len(wanted)} sentences, {len(found)} faults")
            for fault in found:
                print(f"  {fault}")
    return 1 if failed and words == ["check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
