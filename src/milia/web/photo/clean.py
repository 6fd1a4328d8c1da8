"""From an upload to a picture that holds nothing but its pixels."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from milia.base import InputError, one_line
from milia.web.i18n import mark
from milia.web.photo.sniff import ACCEPTED, MOST_EDGE, MOST_PIXELS, check_size, kind_of

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["CleanPhoto", "clean_photo", "thumbnail"]

# Finer than a screen shows side by side; a 1 mm cyst of a face that fills the picture is still 20 px wide.
LONGEST_EDGE = 4096
QUALITY = 90
_THUMBNAIL_QUALITY = 80
_EXIF_IFD = 0x8769
_TAKEN = (0x9003, 0x9004)
_DAY = re.compile(r"((?:19|20)\d{2}):(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A picture as it is stored: JPEG, upright, sRGB, without metadata.

    Attributes
    ----------
    data
        The file.
    width, height
        Size [px].
    taken_on
        The day the camera noted, if it did: the one thing of its metadata that belongs in the record.
    came_as
        ``JPEG``, ``PNG`` or ``HEIF``.
    """

    data: bytes
    width: int
    height: int
    taken_on: date | None
    came_as: str
    media_type: str = "image/jpeg"


def clean_photo(data: bytes, *, name: str = "") -> CleanPhoto:
    """Decode an upload within limits and write it anew.

    Parameters
    ----------
    data
        The upload.
    name
        The file's name, for messages.

    Raises
    ------
    InputError
        If it is too large, no picture of an accepted kind, has too many pixels, or is damaged or cut off.
    """
    name = one_line(name, 80)
    check_size(len(data), name=name)
    kind = kind_of(data, name=name)
    with _explained(name):
        picture = _opened(data, kind)
        _check_pixels(picture.size, name)
        taken_on = _taken_on(picture)
        upright = _upright(picture, kind)
        flat = _coloured(upright)
        flat.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        return CleanPhoto(_jpeg(flat, QUALITY), flat.width, flat.height, taken_on, kind)


def thumbnail(data: bytes, *, edge: int) -> bytes:
    """Give a smaller copy of a stored picture; ``edge`` is the longest side [px]."""
    from PIL import Image as Pictures

    with Pictures.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        picture.draft("RGB", (edge, edge))
        small = picture.convert("RGB")
    small.thumbnail((edge, edge))
    return _jpeg(small, _THUMBNAIL_QUALITY)


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    from PIL import Image as Pictures

    too_many = (Pictures.DecompressionBombError, Pictures.DecompressionBombWarning)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pictures.DecompressionBombWarning)
            # Harmless oddities of a camera's file are no reason to refuse it.
            warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\..*")
            yield
    except InputError:
        raise
    except too_many:
        raise _too_many(name, "more than can be opened safely") from None
    # A decoder that meets hostile bytes may raise anything; all of it means the same to the person.
    except (MemoryError, Exception) as error:
        raise InputError(
            mark("The picture is damaged or cut off."), file=name or None, key="file", accepted=ACCEPTED
        ) from error


def _opened(data: bytes, kind: str) -> Image:
    from PIL import Image as Pictures

    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False, decode_threads=1)
    return Pictures.open(io.BytesIO(data), formats=(kind,))


def _check_pixels(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MOST_PIXELS or max(size) > MOST_EDGE:
        raise _too_many(name, f"{width} × {height} pixels")


def _too_many(name: str, value: str) -> InputError:
    return InputError(
        mark("The picture has too many pixels."),
        file=name or None,
        key="file",
        value=value,
        accepted=f"up to {MOST_PIXELS // 1_000_000} megapixels and {MOST_EDGE} pixels along a side",
    )


def _taken_on(picture: Image) -> date | None:
    with contextlib.suppress(Exception):
        exif = picture.getexif()
        inner = exif.get_ifd(_EXIF_IFD)
        for tag in _TAKEN:
            found = _DAY.match(str(inner.get(tag, "")))
            if found:
                return date(int(found[1]), int(found[2]), int(found[3]))
    return None


def _upright(picture: Image, kind: str) -> Image:
    picture.load()
    # The HEIF decoder turns the picture itself and leaves no orientation behind.
    if kind == "HEIF":
        return picture
    from PIL import ImageOps

    return ImageOps.exif_transpose(picture)


def _coloured(picture: Image) -> Image:
    """Give sRGB pixels: a wide-gamut profile that is only dropped would change the colour of the skin."""
    from PIL import Image as Pictures

    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        picture = Pictures.new("RGB", clear.size, "white")
        picture.paste(clear, mask=clear.getchannel("A"))
    if picture.mode.startswith("I"):
        picture = picture.point(lambda value: value / 256).convert("L")
    if profile and picture.mode in ("RGB", "L", "CMYK"):
        with contextlib.suppress(Exception):
            return _to_srgb(picture, profile)
    return picture.convert("RGB")


def _to_srgb(picture: Image, profile: bytes) -> Image:
    from PIL import ImageCms

    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    target = ImageCms.createProfile("sRGB")
    turned = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    return turned if turned is not None else picture.convert("RGB")


def _jpeg(picture: Image, quality: int) -> bytes:
    from PIL import Image as Pictures

    # A new picture has no `info`, so that nothing the old one carried can be written.
    bare = Pictures.frombytes("RGB", picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True, subsampling=0)
    return out.getvalue()
