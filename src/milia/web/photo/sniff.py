"""What an upload is, by its first bytes: neither its name nor what the browser says decides."""

from __future__ import annotations

from milia.base import InputError
from milia.web.i18n import mark

__all__ = ["ACCEPTED", "MOST_BYTES", "MOST_EDGE", "MOST_PIXELS", "check_size", "kind_of"]

MOST_BYTES = 40 << 20
# A telephone's largest single exposure; decoded it takes 200 MB of memory, and a bomb takes no more.
MOST_PIXELS = 64_000_000
MOST_EDGE = 20_000
ACCEPTED = "a JPEG, PNG or HEIC picture"

_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1")
)
_PNG = b"\x89PNG\r\n\x1a\n"


def kind_of(data: bytes, *, name: str = "") -> str:
    """Return ``JPEG``, ``PNG`` or ``HEIF``.

    Parameters
    ----------
    data
        The upload, or at least its first 32 bytes.
    name
        The file's name, for messages.

    Raises
    ------
    InputError
        If the bytes begin like none of these.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(_PNG):
        return "PNG"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIF"
    raise InputError(
        mark("This is no picture that can be read."), file=name or None, key="file", accepted=ACCEPTED
    )


def check_size(count: int, *, name: str = "") -> None:
    """Refuse an upload that is empty or too large, before it is read as a picture."""
    if not 0 < count <= MOST_BYTES:
        raise InputError(
            mark("The file is empty.") if count == 0 else mark("The file is too large."),
            file=name or None,
            key="file",
            value=f"{count / (1 << 20):.1f} MiB",
            accepted=f"a picture of up to {MOST_BYTES >> 20} MiB",
        )
