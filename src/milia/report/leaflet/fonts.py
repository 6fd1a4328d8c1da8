"""The fonts of the patient's documents: which file shows which character, and what to do about the others."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

from milia.base import InputError
from milia.language import Language

SCRIPTS = {"en": "KR", "ko": "KR", "ja": "JP", "zh-Hans": "SC"}
ALL_SCRIPTS = ("KR", "JP", "SC")
WEIGHTS = {"Regular": 400, "Bold": 700}
SYSTEM_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
SYSTEM_FONT = "NotoSansCJK-Regular.ttc"
SYSTEM_FAMILIES = ("Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans CJK SC")
SHOWN_CHARACTERS = 8
# Characters that set no ink: a space that a font lacks is no empty box.
INVISIBLE = frozenset("\u00ad\u200b\u2060\ufeff")


@dataclass(frozen=True, slots=True)
class FontSet:
    """Families in order of preference, and folders outside the package that hold some of them."""

    families: tuple[str, ...]
    folders: tuple[str, ...]


def family(language: Language) -> str:
    """Return the family that sets a language."""
    return f"Milia Sans {SCRIPTS[language.tag]}"


def fonts_for(texts: Iterable[str], language: Language, *, key: str, file: str | None = None) -> FontSet:
    """Return the fonts that show every character of the texts.

    The language's own font comes first, then the package's others, then those inside typst (other alphabets
    than these), then the system's Noto Sans CJK.

    Parameters
    ----------
    texts
        What will be printed.
    language
        Language of the document.
    key, file
        What the texts belong to, for the message.

    Raises
    ------
    InputError
        If no font shows a character, naming it and what to install. It would be printed as an empty box.
    """
    own = SCRIPTS[language.tag]
    order = (own, *(script for script in ALL_SCRIPTS if script != own))
    families = tuple(f"Milia Sans {script}" for script in order)
    left = {c for text in texts for c in text if not c.isspace() and c not in INVISIBLE}
    for script in order:
        left -= covered(script)
    if not left:
        return FontSet(families, ())
    from milia.report.pdf import FONTS, missing_characters

    families = (*families, *FONTS)
    left = set(missing_characters(left))
    if not left:
        return FontSet(families, ())
    system = system_font()
    if system is not None:
        left -= _characters_of(str(system))
    if system is None or left:
        shown = " ".join(f"{c} (U+{ord(c):04X})" for c in sorted(left)[:SHOWN_CHARACTERS])
        more = f" and {len(left) - SHOWN_CHARACTERS} more" if len(left) > SHOWN_CHARACTERS else ""
        raise InputError(
            "no font here can show these characters, they would be printed as empty boxes",
            file=file,
            key=key,
            value=f"{shown}{more}",
            accepted="common Korean, Japanese, Chinese and Latin characters"
            + ("" if system else "; for rare ones install a font, on Debian: apt-get install fonts-noto-cjk"),
        )
    return FontSet((*families, *SYSTEM_FAMILIES), (str(system.parent),))


@lru_cache(maxsize=4)
def covered(script: str) -> frozenset[str]:
    """Return the characters of one of the package's fonts; both weights hold the same."""
    return frozenset(map(chr, _open(script, "Regular").getBestCmap()))


def system_font() -> Path | None:
    """Return the file of the system's Noto Sans CJK, or None."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")
    for folder in (*SYSTEM_FOLDERS, f"{home}/fonts"):
        found = sorted(Path(folder).rglob(SYSTEM_FONT)) if Path(folder).is_dir() else []
        if found:
            return found[0]
    return None


@lru_cache(maxsize=2)
def _characters_of(path: str) -> frozenset[str]:
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]

    return frozenset(map(chr, TTCollection(path, lazy=True).fonts[0].getBestCmap()))


def folder() -> Path:
    """Return the folder of the package's fonts."""
    return Path(str(resources.files("milia.report").joinpath("fonts")))


def _open(script: str, weight: str) -> Any:
    from fontTools.ttLib import TTFont

    # From memory: a font that is read lazily from a file would keep the file open.
    data = BytesIO((folder() / f"MiliaSans{script}-{weight}.otf").read_bytes())
    return TTFont(data, lazy=True, recalcTimestamp=False)


def embedded_faces(text: str, language: Language) -> str:
    """Return CSS with the language's font inside, cut down to the characters of one page.

    A page that is opened on a device without the script's letters then still shows every one of its own.
    """
    characters = "".join(sorted(set(text)))
    return "\n".join(_face(SCRIPTS[language.tag], weight, characters) for weight in WEIGHTS)


@lru_cache(maxsize=16)
def _face(script: str, weight: str, characters: str) -> str:
    from fontTools import subset  # type: ignore[import-untyped]

    options = subset.Options(
        hinting=False, layout_features=["kern", "ccmp", "locl"], name_IDs=[0, 1, 2, 13, 14], flavor="woff"
    )
    font = _open(script, weight)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, characters))
    cutter.subset(font)
    font.flavor = "woff"
    stream = BytesIO()
    font.save(stream)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return (
        f'@font-face {{ font-family: "Milia Sans {script}"; font-weight: {WEIGHTS[weight]};'
        f' src: url("data:font/woff;base64,{data}") format("woff"); }}'
    )
