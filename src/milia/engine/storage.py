"""Labelled arrays as files: NetCDF or Zarr, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from milia.base import InputError, MiliaError, one_line, write_atomically

if TYPE_CHECKING:
    import xarray

SUFFIXES = (".nc", ".zarr")
# what marks a folder as a Zarr store, in the third and the second version of the format
ZARR_MARKS = ("zarr.json", ".zgroup", ".zmetadata")


def check_fields_target(path: str | os.PathLike[str], *, key: str = "path") -> Path:
    """Return the target of labelled arrays; refuse what could not be written or must not be replaced."""
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        accepted = " or ".join(f"NAME{suffix}" for suffix in SUFFIXES)
        problem = "the name of a fields file must end in .nc or .zarr"
        raise InputError(problem, key=key, value=os.fspath(path), accepted=accepted)
    if target.suffix.lower() == ".nc":
        return target
    if not target.parent.is_dir():
        raise InputError(
            "the folder does not exist", key=key, value=os.fspath(path), accepted="an existing folder"
        )
    if not os.access(target.parent, os.W_OK):
        accepted = "a folder that can be written"
        raise InputError("this user may not write there", key=key, value=os.fspath(path), accepted=accepted)
    if target.is_symlink() or (target.exists() and not _is_store(target)):
        problem = "this exists and is no Zarr store, so it is not replaced"
        raise InputError(problem, key=key, value=os.fspath(path), accepted="a new name, or an older store")
    return target


def write_fields(data: xarray.Dataset, path: str | os.PathLike[str]) -> None:
    """Write ``data`` to a .nc file or a .zarr folder: a reader sees what was there before, or all of it."""
    target = check_fields_target(path)
    if target.suffix.lower() == ".zarr":
        _write_zarr(data, target)
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "fields.nc"
        data.to_netcdf(made, engine="netcdf4", encoding=_encoding(data, zlib=True, complevel=4))
        write_atomically(target, made.read_bytes())


def _encoding(data: xarray.Dataset, **large: object) -> dict[str, dict[str, object]]:
    """Ask for ``large`` where a variable has two dimensions, and for no missing values where CF has none."""
    whole = {
        *data.coords,
        *(values.attrs["bounds"] for values in data.coords.values() if "bounds" in values.attrs),
    }
    encoding: dict[str, dict[str, object]] = {}
    for name, values in data.variables.items():
        asked: dict[str, object] = dict(large) if values.ndim > 1 else {}
        if name in whole:
            asked["_FillValue"] = None
        encoding[str(name)] = asked
    return encoding


def _write_zarr(data: xarray.Dataset, target: Path) -> None:
    try:
        holder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:60]}.", suffix=".part"))
    except OSError as error:
        raise MiliaError(f"{one_line(str(target), 200)}: cannot be written: {error.strerror}.") from error
    try:
        made, older = holder / "new", holder / "old"
        data.to_zarr(made, mode="w", consolidated=False, encoding=_encoding(data))
        if target.exists():
            target.rename(older)
        try:
            made.rename(target)
        except BaseException:
            if older.exists():
                older.rename(target)
            raise
    except OSError as error:
        raise MiliaError(
            f"{one_line(str(target), 200)}: cannot be written: {one_line(str(error))}."
        ) from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _is_store(path: Path) -> bool:
    return path.is_dir() and any((path / mark).is_file() for mark in ZARR_MARKS)
