"""Sets Milia up in .venv from a hashed lock file. Standard library only: nothing is installed yet."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"
CACHE = ROOT / ".cache"
LOG = CACHE / "set-up.log"

UNREACHABLE = re.compile(
    r"NewConnectionError|NameResolutionError|name resolution|ConnectTimeout|ReadTimeout|ProxyError"
    r"|Network is unreachable|Connection refused|RemoteDisconnected|No matching distribution"
)
ALTERED = re.compile(r"DO NOT MATCH THE HASHES")
FULL = re.compile(r"No space left on device|Disk quota exceeded")


class SetUpError(Exception):
    """A set-up that cannot go on, in words for the person who typed the command."""


class Progress:
    """One line that rewrites itself on a terminal; elsewhere a plain line per step."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()

    def step(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def count(self, done: int, total: int, name: str) -> None:
        if self.live:
            print(f"\r\033[K  {done} of {total}  {name}", end="", file=sys.stderr, flush=True)
        elif done % 15 == 0:
            print(f"  {done} of {total}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def main(lock: str, stamp: str) -> int:
    progress = Progress()
    started = time.monotonic()
    try:
        with only_one(progress):
            if stamped(lock) == stamp:
                return 0
            set_up(lock, stamp, progress)
    except SetUpError as error:
        progress.clear()
        print(f"milia: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        progress.clear()
        print("milia: set-up stopped; the next start begins it again", file=sys.stderr)
        return 130
    progress.step(f"Ready after {time.monotonic() - started:.0f} s.")
    return 0


@contextmanager
def only_one(progress: Progress) -> Iterator[None]:
    """Two first starts at once: the second waits. The lock dies with its process, so none is left behind."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "set-up.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.step("Another set-up is running here; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def stamped(lock: str) -> str:
    try:
        return (VENV / f"{lock}.stamp").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def set_up(lock: str, stamp: str, progress: Progress) -> None:
    main_lock = lock == "requirements.lock"
    progress.step(
        f"Setting up {'Milia' if main_lock else 'the test tools'} (first time only, a minute or two) …"
    )
    if UNFINISHED.exists() or not works():
        progress.step("- a Python environment in .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        create()
    UNFINISHED.touch()
    install_libraries(lock, progress)
    if main_lock:
        progress.step("- Milia itself")
        pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        warm(progress)
    (VENV / f"{lock}.stamp").write_text(f"{stamp}\n", encoding="utf-8")
    UNFINISHED.unlink()


def works() -> bool:
    """An environment outlives the Python it was made with: a system upgrade leaves dead links in it."""
    if not PYTHON.exists():
        return False
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0


def create() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetUpError(f"no environment could be made in {VENV}: {last_words(made.stdout + made.stderr)}")
    UNFINISHED.touch()


def install_libraries(lock: str, progress: Progress) -> None:
    total = sum("==" in line and "win32" not in line for line in (ROOT / lock).read_text().splitlines())
    progress.step(f"- {total} libraries, each checked against its hash")
    done = 0
    for line in pip_lines("install", "--require-hashes", "--requirement", str(ROOT / lock)):
        name = re.match(r"(?:Collecting|Requirement already satisfied:) ([^=<>~!;\s]+)", line)
        if name:
            done += 1
            progress.count(min(done, total), total, name[1])
        elif line.startswith("Installing collected"):
            progress.clear()
            progress.step("- unpacking them")
    progress.clear()


def warm(progress: Progress) -> None:
    """Compiles the numerical kernels once, so that the first plan does not pay for it."""
    progress.step("- compiling the numerical kernels")
    done = subprocess.run(
        [PYTHON, "-P", "-m", "milia", "warmup"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetUpError(f"the numerical kernels do not compile: {last_words(done.stderr)}")


def environment() -> dict[str, str]:
    """Without a home folder that can be written, downloads are kept beside the program."""
    env = dict(os.environ)
    home = env.get("HOME", "")
    if not (home and os.access(home, os.W_OK)):
        env.setdefault("PIP_CACHE_DIR", str(CACHE / "pip"))
    cache = VENV / "cache"
    cache.mkdir(exist_ok=True)
    env.setdefault("NUMBA_CACHE_DIR", str(cache / "numba"))
    env.setdefault("MPLCONFIGDIR", str(cache / "matplotlib"))
    return env


def pip(*words: str) -> None:
    for _ in pip_lines(*words):
        pass


def pip_lines(*words: str) -> Iterator[str]:
    """Each line pip prints; raises when pip gives up."""
    command = [str(PYTHON), "-m", "pip", "--no-input", "--disable-pip-version-check", *words]
    said: list[str] = []
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            said.append(line)
            yield line.strip()
    if running.returncode:
        LOG.write_text("".join(said), encoding="utf-8")
        raise SetUpError(explain("".join(said)))


def explain(said: str) -> str:
    if ALTERED.search(said):
        return "a download does not match its hash in the lock file; nothing of it was installed"
    if FULL.search(said):
        return f"no space left on the disk that holds {ROOT}"
    if UNREACHABLE.search(said):
        return "the libraries cannot be downloaded: is there a network? The next start tries again"
    return f"set-up failed: {last_words(said)}; all that was said is in {LOG}"


def last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return " ".join((errors or lines or ["no reason was given"])[-2:])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
