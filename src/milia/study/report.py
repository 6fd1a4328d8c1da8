"""Write what a study found: summary as JSON and text, picture, and one self-contained page."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from milia.base import write_atomically
from milia.study.folder import PAGE, PICTURE, SUMMARY, TEXT
from milia.study.picture import picture
from milia.study.words import HEAD, as_text, differences, notes, table_rows

TEMPLATE = "page.html"


def page(found: Mapping[str, Any], drawn: bytes) -> str:
    """Return the report page with its picture inside."""
    import yaml
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    place = FileSystemLoader(Path(__file__).parent)
    pages = Environment(loader=place, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return pages.get_template(TEMPLATE).render(
        study=found["study"],
        baseline=found["baseline"],
        head=HEAD,
        rows=table_rows(found),
        differences=differences(found),
        notes=notes(found),
        settings=yaml.safe_dump(found["study"], sort_keys=False, allow_unicode=True),
        provenance=found["provenance"],
        picture=base64.b64encode(drawn).decode("ascii"),
    )


def write_report(found: Mapping[str, Any], out: Path) -> tuple[Path, ...]:
    """Write summary, text, picture and page into the folder of a study; return their paths."""
    drawn = picture(found)
    made: dict[str, bytes | str] = {
        SUMMARY: json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n",
        TEXT: as_text(found),
        PICTURE: drawn,
        PAGE: page(found, drawn),
    }
    for name, content in made.items():
        write_atomically(out / name, content)
    return tuple(out / name for name in made)
