"""All documents of one treatment in one folder: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from milia.base import InputError, MiliaError, one_line
from milia.report.calendar import render_calendar
from milia.report.leaflet import (
    render_consent_html,
    render_consent_pdf,
    render_leaflet_html,
    render_leaflet_pdf,
)
from milia.report.staff import (
    render_followup_html,
    render_followup_pdf,
    render_safety_html,
    render_safety_pdf,
)

if TYPE_CHECKING:
    from milia.care import CarePack
    from milia.language import Language


def care_documents(pack: CarePack, language: Language) -> dict[str, bytes]:
    """Return every document of a pack by file name: the patient's in a language, the staff's in English.

    The language is in the names of the patient's files, so that a wrong one is seen before it is handed out.

    Raises
    ------
    MissingTranslation
        If a sentence for the patient is not translated.
    """
    # Records bring pydantic with them, which `milia plan` need not pay for.
    from milia.care import outcome_rows, write_outcomes

    tag = language.tag
    patient: dict[str, str | bytes] = {
        f"leaflet-{tag}.html": render_leaflet_html(pack, language),
        f"leaflet-{tag}.pdf": render_leaflet_pdf(pack, language),
        f"calendar-{tag}.ics": render_calendar(pack, language),
    }
    if pack.consent is not None:
        patient[f"consent-{tag}.html"] = render_consent_html(pack, language)
        patient[f"consent-{tag}.pdf"] = render_consent_pdf(pack, language)
    staff: dict[str, str | bytes] = {
        "safety.html": render_safety_html(pack),
        "safety.pdf": render_safety_pdf(pack),
        "follow-up.html": render_followup_html(pack),
        "follow-up.pdf": render_followup_pdf(pack),
        "outcomes.csv": write_outcomes(outcome_rows(pack)),
    }
    return {
        name: content.encode() if isinstance(content, str) else content
        for name, content in (*staff.items(), *patient.items())
    }


def check_folder(folder: Path) -> Path:
    """Return the folder's full path; InputError where nothing could be written, before it is made."""
    target = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a link that is replaced
    if target.exists() and not target.is_dir():
        raise InputError("this is no folder", key="--out", value=str(folder), accepted="a folder")
    if not target.parent.is_dir():
        raise InputError(
            "the folder around it does not exist", key="--out", value=str(folder), accepted="an existing one"
        )
    return target


def write_folder(documents: Mapping[str, bytes], folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write documents into a folder, all of them or none; return their paths in order.

    They are written beside the folder first. A new folder appears at once; in one that exists each file is
    moved in, and moved out again if a later one cannot be. Other files in it are left alone.

    Raises
    ------
    InputError
        If a file of the same name is there and ``force`` is false.
    MiliaError
        If the system refuses.
    """
    target = check_folder(folder)
    there = [name for name in documents if (target / name).exists() or (target / name).is_symlink()]
    if there and not force:
        raise InputError(
            f"the folder already holds {there[0]}" + (f" and {len(there) - 1} more" if there[1:] else ""),
            key="--out",
            value=str(folder),
            accepted="another folder, or --force to replace them",
        )
    blocked = [name for name in there if (target / name).is_dir()]
    if blocked:
        raise InputError("a folder has this name", key="--out", value=str(target / blocked[0]))
    try:
        _write(documents, target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MiliaError(f"{one_line(str(folder), 200)}: cannot be written: {reason}.") from error
    return tuple(target / name for name in documents)


def _write(documents: Mapping[str, bytes], target: Path) -> None:
    staged = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:60]}.", suffix=".part"))
    try:
        new = staged / "new"
        new.mkdir()
        for name, content in documents.items():
            with (new / name).open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        if target.exists():
            _move_in(new, target, tuple(documents), staged / "old")
        else:
            os.replace(new, target)  # noqa: PTH105
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _move_in(new: Path, target: Path, names: tuple[str, ...], old: Path) -> None:
    """Move files into a folder one by one; on any failure put back what was there."""
    old.mkdir()
    placed: list[str] = []
    kept: list[str] = []
    try:
        for name in names:
            if (target / name).exists() or (target / name).is_symlink():
                os.replace(target / name, old / name)  # noqa: PTH105
                kept.append(name)
            os.replace(new / name, target / name)  # noqa: PTH105
            placed.append(name)
    except BaseException:
        # BaseException, because Ctrl-C must not leave half of a set either.
        for name in placed:
            with contextlib.suppress(OSError):
                (target / name).unlink()
        for name in kept:
            with contextlib.suppress(OSError):
                os.replace(old / name, target / name)  # noqa: PTH105
        raise
