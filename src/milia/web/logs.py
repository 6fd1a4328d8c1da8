"""Logs as one JSON object a line: what happened and how long it took, never to whom."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

__all__ = ["LOGGER", "frames_of", "log_to"]

LOGGER = logging.getLogger("milia.web")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.name.startswith("milia") else record.name,
        }
        line |= getattr(record, "milia", {})
        if not record.name.startswith("milia"):
            # A library's own words may hold an address with a name in it: only its constant text is kept.
            line["said"] = str(record.msg)[:200]
        if record.exc_info and record.exc_info[1] is not None:
            line |= frames_of(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def frames_of(error: BaseException) -> dict[str, object]:
    """Give where an error happened, without its words: they may quote what somebody typed."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "error": type(error).__name__,
        "where": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def log_to(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log line of the process to one stream, as JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Json())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOGGER.setLevel(level)
