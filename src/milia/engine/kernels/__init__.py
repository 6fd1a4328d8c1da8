"""Compiled inner loops of the engine: plain arrays in, plain arrays out, no allocation inside.

Machine code is compiled once and kept. numba notices a change in the file of a function, but not in
the files of the functions it calls, so the cache folder's name carries a digest of all of them.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import numba


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def cache_folder() -> Path:
    """Where compiled kernels are kept: ``NUMBA_CACHE_DIR``, the user's cache or a temporary folder."""
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    name = f"milia-kernels-{digest.hexdigest()[:16]}"
    bases = [os.environ.get("NUMBA_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME")]
    home = os.environ.get("HOME")
    candidates = [Path(base) for base in bases if base]
    if home:
        candidates.append(Path(home) / ".cache")
    for base in candidates:
        if _writable(base / name):
            return base / name
    return Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}"


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
