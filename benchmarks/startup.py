"""How long the first word takes: commands in new processes, with compiled kernels in the cache or without."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "exposure.yaml"


def _seconds(*words: str, cache: str) -> float:
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-P", *words], capture_output=True, env=environment, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace")[-400:])
    return time.perf_counter() - began


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Return seconds from the shell's side."""
    simulate = ("-m", "milia", "simulate", str(EXAMPLE), "--json")
    with tempfile.TemporaryDirectory() as folder:
        # a quick run takes what may be compiled already, and says nothing of compiling
        cache = os.environ.get("NUMBA_CACHE_DIR", folder) if quick else folder
        first = _seconds(*simulate, cache=cache)
        empty = None if quick else first
        return {
            "simulate_empty_cache_s": empty,
            "simulate_warm_cache_s": min(_seconds(*simulate, cache=cache) for _ in range(3)),
            "help_s": min(_seconds("-m", "milia", "--help", cache=cache) for _ in range(3)),
            "import_s": min(_seconds("-c", "import milia", cache=cache) for _ in range(3)),
            "python_alone_s": min(_seconds("-c", "pass", cache=cache) for _ in range(3)),
        }
