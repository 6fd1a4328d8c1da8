"""Writes the site's folder as a whole: never half a site, never over somebody else's files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from milia.base import InputError, MiliaError, one_line

MANIFEST = "milia-site.json"
"""Names every file of the site with its SHA-256: what is not on it, or was changed, is not ours to delete."""


def write_site(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a site.

    Parameters
    ----------
    files
        Content by path below the folder.
    folder
        New, empty, or the site that an earlier build wrote, which is replaced.

    Raises
    ------
    InputError
        If the folder holds anything that an earlier build did not write.
    MiliaError
        If the system refuses.
    """
    target = Path(os.path.realpath(folder))
    check_folder(folder)
    try:
        _swap({**files, MANIFEST: _manifest(files)}, target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MiliaError(f"{one_line(str(folder), 200)}: cannot be written: {one_line(reason)}.") from error


def check_folder(folder: Path) -> None:
    """Refuse a folder that a site must not be written to; see `write_site`."""
    target = Path(os.path.realpath(folder))
    accepted = "a new folder, an empty one, or one that `milia learn build` wrote"
    if not target.parent.is_dir():
        raise InputError(
            "the folder above it does not exist", key="--out", value=str(folder), accepted=accepted
        )
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError("this is a file", key="--out", value=str(folder), accepted=accepted)
    found = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir())
    if not found:
        return
    ours = _known_files(target / MANIFEST)
    foreign = next((name for name in found if name != MANIFEST and _changed(target, name, ours)), None)
    if MANIFEST not in found or foreign is not None:
        first = foreign or found[0]
        raise InputError(
            f"the folder holds a file that is not from an earlier build, or was changed since: {first}",
            key="--out",
            value=str(folder),
            accepted=accepted,
        )


def _known_files(manifest: Path) -> dict[str, str]:
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _changed(folder: Path, name: str, ours: Mapping[str, str]) -> bool:
    path = folder / name
    return path.is_symlink() or ours.get(name) != hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest(files: Mapping[str, bytes]) -> bytes:
    sums = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    content = {"made_by": "milia learn build", "files": sums}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _swap(files: Mapping[str, bytes], target: Path) -> None:
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:60]}.", suffix=".part"))
    old = made.with_suffix(".old")
    try:
        for name, content in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        made.chmod(0o755)
        if target.exists():
            target.rename(old)
        made.rename(target)
    except BaseException:
        # BaseException, because Ctrl-C must not leave the old site moved away.
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
