"""`milia serve`: the clinic's app in the browser."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, help="Otherwise 8321, or a free one.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            max=64,
            help="Processes for heavy work; else by cores.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Open the clinic's app in the browser, on its own database or the one MILIA_DATABASE_URL names."""
    from milia.web import serve

    serve(host=host, port=port, workers=workers, say=typer.echo)
