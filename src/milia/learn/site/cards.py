"""The picture that a link shows when it is shared: the title beside a drawn milium."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milia.language import Language

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SIZE = (1200, 630)
SCALE = 2
COLOURS = 64
INK, MUTED, PAPER, ACCENT = "#1b282f", "#54646c", "#ffffff", "#0a6584"
SKIN = {
    "dermis": "#f6d9cd",
    "epidermis": "#ecbca9",
    "wall": "#e0ab96",
    "keratin": "#fffaf0",
    "layer": "#e6d8bd",
}
TITLE_WIDTH, TITLE_TOP, TITLE_HEIGHT = 600, 120, 330
SIZES = (64, 56, 50, 44, 38)

# Latin letters come with matplotlib, the same on every machine; other scripts need a font of the system.
FOLDERS = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"),
    "C:/Windows/Fonts",
)
FONTS = {
    "ko": (
        "NotoSansCJK-Bold.ttc",
        "NotoSansKR-Bold.otf",
        "NanumGothicBold.ttf",
        "AppleSDGothicNeo.ttc",
        "malgunbd.ttf",
    ),
    "ja": ("NotoSansCJK-Bold.ttc", "NotoSansJP-Bold.otf", "YuGothB.ttc", "meiryob.ttc"),
    "zh-Hans": ("NotoSansCJK-Bold.ttc", "NotoSansSC-Bold.otf", "msyhbd.ttc", "PingFang.ttc"),
}
FACES = {"ko": "KR", "ja": "JP", "zh-Hans": "SC"}


def card(title: str, name: str, language: Language) -> tuple[bytes, bool]:
    """Draw a card.

    Parameters
    ----------
    title, name
        What the page is about, and whose it is.
    language
        Which font is looked for.

    Returns
    -------
    bytes, bool
        The PNG, and whether the words are on it: without a font for their signs the drawing stands alone.
    """
    from PIL import ImageDraw

    picture = _drawing().copy()
    written = _words(ImageDraw.Draw(picture), title, name, language)
    return _png(picture), written


@lru_cache(maxsize=1)
def _drawing() -> Image:
    """Draw the skin with the cyst in it, cut open; twice as large, then smaller, for smooth edges."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), PAPER)
    pen = ImageDraw.Draw(picture)
    left, right, top, bottom = 760, 1200, 260, 630
    curve = list(_bulge(left, right, top))
    pen.polygon(_scaled([*curve, (right, bottom), (left, bottom)]), fill=SKIN["dermis"])
    lower = [(x, y + 46) for x, y in curve]
    pen.polygon(_scaled([*curve, *reversed(lower)]), fill=SKIN["epidermis"])
    centre = (980, 358)
    for radius, fill in ((112, SKIN["wall"]), (94, SKIN["keratin"])):
        pen.ellipse(_scaled(_box(centre, radius)), fill=fill)
    for radius in (74, 54, 34, 14):
        pen.ellipse(_scaled(_box(centre, radius)), outline=SKIN["layer"], width=4 * SCALE)
    pen.line(_scaled(curve), fill=MUTED, width=3 * SCALE)
    pen.rectangle(_scaled([(0, 0), (16, SIZE[1])]), fill=ACCENT)
    return picture.resize(SIZE, Image.Resampling.LANCZOS)


def _bulge(left: int, right: int, top: int) -> Iterator[tuple[float, float]]:
    import math

    for step in range(101):
        x = left + (right - left) * step / 100
        yield x, top + 20 - 66 * math.exp(-(((x - 980) / 105) ** 4))


def _box(centre: tuple[int, int], radius: int) -> list[tuple[float, float]]:
    x, y = centre
    return [(x - radius, y - radius), (x + radius, y + radius)]


def _scaled(points: list[tuple[float, float]] | list[tuple[int, int]]) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _words(pen: ImageDraw, title: str, name: str, language: Language) -> bool:
    path = font_path(language)
    if path is None or not _shows(path, language, title):
        return False
    for size in SIZES:
        font = _font(path, language, size)
        lines = _wrapped(pen, title, font, language)
        if len(lines) * size * 1.3 <= TITLE_HEIGHT:
            break
    y = float(TITLE_TOP)
    for line in lines:
        pen.text((96, y), line, font=font, fill=INK)
        y += size * 1.3
    if _shows(path, language, name):
        pen.text((96, 520), name, font=_font(path, language, 30), fill=MUTED)
    return True


def _wrapped(pen: ImageDraw, title: str, font: FreeTypeFont, language: Language) -> list[str]:
    spaced = language.tag in ("en", "ko")
    lines = [""]
    for piece in title.split(" ") if spaced else title:
        longer = f"{lines[-1]} {piece}" if spaced and lines[-1] else lines[-1] + piece
        if lines[-1] and pen.textlength(longer, font=font) > TITLE_WIDTH:
            lines.append(piece)
        else:
            lines[-1] = longer
    return lines


def _png(picture: Image) -> bytes:
    from PIL import Image

    flat = picture.quantize(palette=_palette(), dither=Image.Dither.NONE)
    stream = io.BytesIO()
    flat.save(stream, "PNG", optimize=True)
    return stream.getvalue()


@lru_cache(maxsize=1)
def _palette() -> Image:
    """Return the colours of every card, found once: those of the drawing, and the greys of letters' edges."""
    from PIL import Image, ImageColor, ImageDraw

    sample = _drawing().copy()
    pen = ImageDraw.Draw(sample)
    for row, name in enumerate((INK, MUTED)):
        ink = ImageColor.getrgb(name)
        for step in range(SIZE[0] // 2):
            share = step / (SIZE[0] // 2 - 1)
            shade = tuple(round(one + (255 - one) * share) for one in ink[:3])
            pen.line([(step, 60 * row), (step, 60 * row + 59)], fill=shade)
    return sample.quantize(colors=COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


@lru_cache(maxsize=8)
def font_path(language: Language) -> Path | None:
    """Return a bold font for a language: matplotlib's own for English, one of the system for the others."""
    if language.tag not in FONTS:
        import matplotlib

        return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    wanted = FONTS[language.tag]
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted(Path(folder).rglob("*")) if Path(folder).is_dir() else ():
            if path.name in wanted:
                found.setdefault(path.name, path)
    return next((found[name] for name in wanted if name in found), None)


@lru_cache(maxsize=64)
def _font(path: Path, language: Language, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(path), size, index=_face(path, language))


@lru_cache(maxsize=8)
def _face(path: Path, language: Language) -> int:
    """Return the face of a font collection that draws a language's own shapes."""
    if path.suffix != ".ttc":
        return 0
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]

    with TTCollection(str(path), lazy=True) as collection:
        names = [str(font["name"].getDebugName(4) or "") for font in collection.fonts]
    ending = FACES.get(language.tag, "")
    return next((n for n, name in enumerate(names) if name.split(" Bold")[0].endswith(f" {ending}")), 0)


def _shows(path: Path, language: Language, text: str) -> bool:
    """Say whether a font has every sign of a text."""
    wanted = {ord(sign) for sign in text if not sign.isspace()}
    return wanted <= _signs(path, language)


@lru_cache(maxsize=8)
def _signs(path: Path, language: Language) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    font: Any = TTFont(str(path), fontNumber=_face(path, language), lazy=True)
    try:
        return frozenset(font.getBestCmap())
    finally:
        font.close()
