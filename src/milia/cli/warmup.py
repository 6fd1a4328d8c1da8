"""`milia warmup`: compiles the numerical kernels, so that the first plan does not wait for them."""

from __future__ import annotations


def command() -> None:
    """Compile the numerical kernels once."""
    from milia.engine import warmup

    warmup()
