"""One place that turns what happened into an exit status and at most one line of error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from typer.exceptions import TyperException

from milia.base import MiliaError, one_line

WRONG_INPUT = 2
DEFECT = 1
INTERRUPTED = 130
READER_GONE = 141


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    words
        The words after the program's name; those of the process by default.

    Returns
    -------
    int
        0 when done, 2 for input that cannot be used, 1 for a defect of Milia, 130 after Ctrl-C.
    """
    from milia.cli.app import app

    _speak_utf8()
    try:
        status = app(
            args=list(words) if words is not None else sys.argv[1:], prog_name="milia", standalone_mode=False
        )
        sys.stdout.flush()
    except MiliaError as error:
        return _say(str(error), WRONG_INPUT)
    except TyperException as error:
        # Without any word the help has been printed already, and there is nothing to add.
        said = error.format_message().rstrip(".")
        if not said:
            return error.exit_code
        # typer ends a suggestion with "?." of its own
        end = "" if said.endswith("?") else "."
        return _say(f"{said}{end} See: milia --help", error.exit_code)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has left; without this Python complains once more while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except Exception as error:
        if os.environ.get("MILIA_DEBUG"):
            raise
        shown = one_line(f"{type(error).__name__}: {error}", 300)
        return _say(f"a defect in Milia: {shown}. MILIA_DEBUG=1 shows where.", DEFECT)
    if status == INTERRUPTED:
        return _say("stopped; no file is left unfinished", INTERRUPTED)
    return status if isinstance(status, int) else 0


def _speak_utf8() -> None:
    # In a bare locale Python writes ASCII, and "µm" that arrives as "?m" is worse than none.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def _say(message: str, status: int) -> int:
    print(f"milia: {one_line(message, None)}", file=sys.stderr)
    return status
