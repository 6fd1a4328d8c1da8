"""How much of the machine the kernels use: work per cell and step counted in their source, speed measured.

Counted are additions, multiplications and divisions, and the eight bytes of every array element that a pass
over the cells must bring or take away, in loops over both directions, for a cell that neither boils nor
decomposes. Lines along z are taken in bundles whose working memory stays near, and their arrays count once; a
sweep along r passes over the whole field, working memory included, so that arrays count in every pass.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import half_space as problem
from milia.engine import Grid
from milia.engine.kernels import heat, rows, sources, step
from milia.engine.linear import equal_steps, march_plain, plain_state

# whatever calls one of these is done by few cells: phase change, damage, light
RARE = {"temperature", "damage_increment", "let_go", "deposit", "surface_loss"}
# working memory of one bundle of lines
NEAR = frozenset(
    {"trial", "temp", "flow", "conductance", "held", "theta", "theta_1", "theta_2", "inverse", "upper"}
)
# what a sweep along r does with each row of cells, in its order
ROWS = (
    *(rows.conduct, rows.choose, rows.eliminate, rows.back, rows.turned, rows.advance),
    *(rows.substitute, rows.back, rows.average, rows.turned, rows.settle),
)
FLOPS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True)
class Work:
    """What one cell costs in one step."""

    flops: int
    divisions: int
    bytes: int


def _names(node: ast.AST) -> set[str]:
    return {
        call.func.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }


class _Counter(ast.NodeVisitor):
    """Counts in statements that lie in ``deep`` loops; arrays with two indices are fields of the cells."""

    def __init__(self, *, deep: int, once: bool, near: frozenset[str]) -> None:
        self.deep = deep
        self.once = once
        self.near = near
        self.depth = 0
        self.flops = self.divisions = self.moved = 0
        self.loaded: set[str] = set()
        self.stored: set[str] = set()

    def visit_For(self, node: ast.For) -> None:
        self.depth += 1
        for inner in node.body:
            self.visit(inner)
        self.depth -= 1
        if self.depth == 0 and not self.once:
            self.settle()

    def settle(self) -> None:
        self.moved += 8 * (len(self.loaded) + len(self.stored))
        self.loaded, self.stored = set(), set()

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if not any(_names(inner) & RARE for inner in node.body):
            for inner in node.body:
                self.visit(inner)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self.visit(node.orelse)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if self.depth >= self.deep and isinstance(node.op, FLOPS):
            self.flops += 1
            self.divisions += isinstance(node.op, ast.Div)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if self.depth >= self.deep and isinstance(node.op, FLOPS):
            self.flops += 1
            self.divisions += isinstance(node.op, ast.Div)
            self._touch(node.target, self.loaded)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._touch(node, self.stored if isinstance(node.ctx, ast.Store) else self.loaded)

    def _touch(self, node: ast.AST, into: set[str]) -> None:
        cell = ast.Tuple if self.deep > 1 else ast.Name  # a row of cells has one index
        if self.depth >= self.deep and isinstance(node, ast.Subscript) and isinstance(node.slice, cell):
            name = ast.unparse(node.value).removeprefix("f.").removeprefix("matter.")
            into.update({name} - self.near)


def count(function: Any, *, once: bool, deep: int = 2, near: frozenset[str] = frozenset()) -> Work:
    """Count the work of a kernel in its source.

    Parameters
    ----------
    function
        The compiled kernel.
    once
        Whether its arrays stay near from one loop to the next.
    deep
        How many loops a statement lies in that is carried out for every cell.
    near
        Arrays that are working memory and move nothing.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function.py_func)))
    counter = _Counter(deep=deep, once=once, near=near)
    counter.visit(tree.body[0])
    counter.settle()
    return Work(counter.flops, counter.divisions, counter.moved)


def work() -> dict[str, Work]:
    """Return the work of each part of a step of conduction."""
    return {
        "lines along z": count(heat.sweep_z, once=True, deep=3, near=NEAR),
        "first stage along z": count(heat.eliminate, once=True, near=NEAR),
        "second stage along z": count(heat.substitute, once=True, near=NEAR),
        **{f"pass {n} along r": count(row, once=True, deep=1) for n, row in enumerate(ROWS, start=1)},
        "commit": count(step.commit, once=True),
        "losses": count(sources.lose, once=False),
    }


def speed(grid: Grid, steps: int = 200) -> float:
    """Return cell-steps per second with all cells taking part, nothing boiling."""
    fastest = 0.0
    for _ in range(4):
        rise = np.zeros(grid.shape)
        rise[:20, :20] = 5.0
        state = plain_state(grid, conductivity=problem.K, heat_capacity=problem.HEAT, rise=rise)
        dt = 100e-6
        began = time.process_time()
        march_plain(state, steps * dt, accuracy=equal_steps(dt))
        taken = time.process_time() - began
        fastest = max(fastest, state.steps * rise.size / taken)
    return fastest


def measure(limits: dict[str, float]) -> dict[str, Any]:
    """Return the kernels' speed and its share of each of the machine's limits."""
    parts = work()
    flops = sum(part.flops for part in parts.values())
    divisions = sum(part.divisions for part in parts.values())
    moved = sum(part.bytes for part in parts.values())
    rate = speed(Grid(problem.EDGES_R, problem.EDGES_Z))
    # two directions of two stages each: four tridiagonal solves a step
    bare = 1e6 * limits["tridiagonal_Mcell_s"] / 4.0
    bundled = 1e6 * limits["tridiagonal_bundled_Mcell_s"] / 4.0
    return {
        "parts": {name: part.__dict__ for name, part in parts.items()},
        "flops_per_cell_step": flops,
        "divisions_per_cell_step": divisions,
        "bytes_per_cell_step": moved,
        "flop_per_byte": flops / moved,
        "Mcell_steps_s": rate / 1e6,
        "ns_per_cell_step": 1e9 / rate,
        "share_of_arithmetic": flops * rate / (1e9 * limits["add_mul_Gflop_s"]),
        "share_of_bandwidth_near": moved * rate / (1e9 * limits["triad_2MB_GB_s"]),
        "share_of_bandwidth_memory": moved * rate / (1e9 * limits["triad_memory_GB_s"]),
        "share_of_bare_recurrences": rate / bare,
        "share_of_bundled_recurrences": rate / bundled,
    }
