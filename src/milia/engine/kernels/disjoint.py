"""A compiler for loops whose arrays never overlap."""

from __future__ import annotations

from typing import Any

from numba.core.compiler import Compiler


class Disjoint(Compiler):
    """Compile as usual, with the promise that no array given is part of another that is written.

    Without it the compiler has to assume that each store may change what the next load reads, and takes one
    cell at a time. Arrays that are only read may be the same.
    """

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()  # type: ignore[no-untyped-call]
