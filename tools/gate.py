"""The whole gate, or pytest alone when words follow. Every step runs, so that one start shows every fault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

PYTEST = (str(BIN / "python"), "-P", "-m", "pytest")
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("style", (str(BIN / "ruff"), "check", ".")),
    ("format", (str(BIN / "ruff"), "format", "--check", ".")),
    ("types", (str(BIN / "mypy"),)),
    ("types of the tools", (str(BIN / "mypy"), "tools/set_up.py", "tools/gate.py", "tools/language.py")),
    ("architecture", (str(BIN / "lint-imports"), "--no-logo")),
    ("documentation", (str(BIN / "mkdocs"), "build", "--strict", "--quiet")),
    ("tests and examples", (*PYTEST, "-n", "2", "--dist", "loadgroup", "--quiet")),
)
BROWSER = ("chromium", "fonts-dejavu-core")
APT_LIMIT_S = 240


def main(words: list[str]) -> int:
    offer_browser()
    if words:
        return subprocess.run([*PYTEST, *words], cwd=ROOT, check=False).returncode
    failed = [name for name, command in STEPS if not passes(name, command)]
    if failed:
        print(f"\nFAILED: {', '.join(failed)}", flush=True)
        return 1
    print("\nAll green.", flush=True)
    return 0


def passes(name: str, command: tuple[str, ...]) -> bool:
    print(f"\n== {name}: {Path(command[0]).name} {' '.join(command[1:])}", flush=True)
    started = time.monotonic()
    passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    print(f"== {name}: {'ok' if passed else 'FAILED'} after {time.monotonic() - started:.0f} s", flush=True)
    return passed


def offer_browser() -> None:
    """The browser tests want Debian's own browser; missing, it costs those tests and stops nothing."""
    if shutil.which("chromium"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing chromium and a font for the browser tests …", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        for words in (("update",), ("install", "--yes", "--no-install-recommends", *BROWSER)):
            try:
                subprocess.run(
                    ["apt-get", "-qq", *words],
                    env=quiet,
                    capture_output=True,
                    timeout=APT_LIMIT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                break
    if not shutil.which("chromium"):
        print(
            "\n" + "!" * 88 + "\n!! chromium is not here: THE BROWSER TESTS ARE SKIPPED."
            " On Debian: apt-get install chromium\n" + "!" * 88,
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
