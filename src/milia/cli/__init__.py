"""The command line: thin commands over the other rooms."""

from milia.cli.main import main

__all__ = ["main"]
