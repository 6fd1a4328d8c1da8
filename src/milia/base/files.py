"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from milia.base.errors import MiliaError, one_line

__all__ = ["write_atomically"]


def write_atomically(path: str | os.PathLike[str], data: bytes | str) -> None:
    """Write a file so that a reader sees the old content or the new, never a part, whatever interrupts it.

    Parameters
    ----------
    path
        Target; a link is followed, an existing file keeps its permissions.
    data
        Content; text is written as UTF-8 with the line ends it has.

    Raises
    ------
    MiliaError
        If the folder is missing, the target is no regular file, or the system refuses.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    shown = one_line(os.fspath(path), 200)
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            raise MiliaError(f"{shown}: cannot be written: it is not a regular file.")
        if not target.parent.is_dir():
            raise MiliaError(f"{shown}: cannot be written: the folder does not exist.")
        _write_and_swap(target, content)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise MiliaError(f"{shown}: cannot be written: {one_line(reason)}.") from error


def _write_and_swap(target: Path, content: bytes) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:60]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, mode)  # noqa: PTH101
        os.replace(name, target)  # noqa: PTH105
    except BaseException:
        # BaseException, because Ctrl-C must not leave the partial file either.
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise
    _sync_folder(target.parent)


def _umask() -> int:
    # The system offers no way to read the mask but to set it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
