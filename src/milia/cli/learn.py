"""`milia learn`: the education library as pages, and the list of its texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from milia.cli.output import console, listing, print_json

if TYPE_CHECKING:
    from milia.learn import Article

app = typer.Typer(
    help="The education library: a clinic's column pages, and the list of its texts.", no_args_is_help=True
)

Content = Annotated[
    Path | None,
    typer.Option(
        "--content",
        metavar="FOLDER",
        help="The clinic's own columns (NAME.LANGUAGE.md) and its reviews.yaml.",
        show_default=False,
    ),
]


@app.command("build")
def build(
    out: Annotated[Path, typer.Option("--out", metavar="SITE", help="Folder to write: new, empty or ours.")],
    content: Content = None,
    clinic: Annotated[
        Path | None,
        typer.Option("--clinic", metavar="CLINIC.yaml", help="Whose pages these are.", show_default=False),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="Address of the folder once it is published.",
            show_default=False,
        ),
    ] = None,
    reviewed_only: Annotated[
        bool, typer.Option("--reviewed-only", help="Publish only texts with a named reviewer.")
    ] = False,
) -> None:
    """Publish the library as static pages that work without a network."""
    from milia.learn import build_site, load_library

    library = load_library(content)
    made = build_site(
        out,
        library=library.reviewed_only() if reviewed_only else library,
        clinic=_clinic(clinic),
        base_url=base_url,
    )
    typer.echo(f"{made.articles} texts in {', '.join(made.languages)}: {(out / 'index.html').resolve()}")
    for note in made.notes:
        typer.echo(note)


@app.command("list")
def texts(
    content: Content = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List every text with its reviewer and the checksum that a review names."""
    from milia.learn import load_library

    found = [_entry(article) for article in load_library(content)]
    if json:
        print_json(listing(articles=found))
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("text", "language", "date", "checksum", "reviewed by"):
        table.add_column(name, no_wrap=name != "reviewed by")
    for entry in found:
        reviewer = f"{entry['reviewer']}, {entry['reviewed']}" if entry["reviewer"] else "nobody yet"
        table.add_row(entry["article"], entry["language"], entry["date"], entry["checksum"], reviewer)
    console().print(table)


def _entry(article: Article) -> dict[str, Any]:
    return {
        "article": article.slug,
        "language": article.language.tag,
        "title": article.title,
        "author": article.author,
        "date": article.date.isoformat(),
        "reviewer": article.review.reviewer if article.review else None,
        "reviewed": article.review.reviewed.isoformat() if article.review else None,
        "checksum": article.checksum,
        "own_column": article.own,
        "sources": [source.id for source in article.references],
    }


def _clinic(path: Path | None) -> Any:
    if path is None:
        return None
    from milia.care import load_clinic

    return load_clinic(path)
