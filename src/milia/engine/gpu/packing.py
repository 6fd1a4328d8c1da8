"""Lay the arguments of many marches side by side, so that thread m of a card finds those of member m.

Nothing here knows what the kernel's arguments are. A call is a tuple of numbers, arrays and named tuples
of them; what it is made of is read off the first member's call, and every other call must look the same.

Arrays of 32 neighbouring members, a warp, lie cell by cell next to each other, ``[array, tile, …cells…,
lane]``: threads at the same cell read one line of memory, and a tile is small enough to stay nearby.
Tables that many members share are kept once, ``POOLED``; what is zero in all of them is never copied.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

LANES = 32  # threads of a warp
POOLED = frozenset({"table", "branches", "collagen"})
WHOLE = (int, np.integer)

Call = tuple[Any, ...]
Numbers = NDArray[Any]


def is_record(value: Any) -> bool:
    """Whether a value is a named tuple."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every number and array of one argument with its dotted name."""
    if is_record(value):
        for part, inner in zip(value._fields, value, strict=True):
            yield from leaves(f"{name}.{part}", inner)
    else:
        yield name, value


def flat(arguments: Sequence[str], call: Call) -> dict[str, Any]:
    """Return every number and array of a call by its dotted name."""
    return {
        leaf: inner
        for name, value in zip(arguments, call, strict=True)
        for leaf, inner in leaves(name, value)
    }


@dataclass(frozen=True)
class Stack:
    """Arrays of one type and rank that are kept in one block; ``names`` in their order."""

    dtype: str
    ndim: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """What a batch of calls is made of.

    ``reals`` and ``wholes`` are the rows of the two matrices that hold every member's numbers. The whole
    ones start with whether the member takes part, and also hold where a pooled array begins and ends and
    the other arrays' lengths: of array, axis and row in ``lengths``, arrays that are equally long in every
    call share a row. ``source`` is the text of the function that makes member ``m``'s call, and of the
    kernel that makes all.
    """

    arguments: tuple[str, ...]
    reals: tuple[str, ...]
    wholes: tuple[str, ...]
    lengths: tuple[tuple[str, int, str], ...]
    stacks: tuple[Stack, ...]
    pools: tuple[str, ...]
    source: str
    records: Mapping[str, type] = field(compare=False)

    @classmethod
    def of(cls, arguments: Sequence[str], calls: Sequence[Call]) -> Form:
        """Read the form off the calls; ``arguments`` are the names of their items."""
        flats = [flat(arguments, call) for call in calls]
        found = flats[0]
        arrays = {name: value for name, value in found.items() if isinstance(value, np.ndarray)}
        tiled = {name: value for name, value in arrays.items() if name not in POOLED}
        # three axes: working memory of unlike shapes, and a stack has room for the longest of each axis
        kinds = {
            name: (value.dtype.name, value.ndim, name if value.ndim > 2 else "")
            for name, value in tiled.items()
        }
        stacks = tuple(
            Stack(*kind[:2], tuple(name for name, own in kinds.items() if own == kind))
            for kind in sorted(set(kinds.values()))
        )
        pools = tuple(name for name in arrays if name in POOLED)
        numbers = [name for name in found if name not in arrays]
        counts = [name for name in numbers if all(isinstance(f[name], WHOLE) for f in flats)]
        rows: dict[tuple[int, ...], str] = {}
        lengths = []
        for name, value in tiled.items():
            for axis in range(value.ndim):
                each = tuple(f[name].shape[axis] for f in flats)
                lengths.append((name, axis, rows.setdefault(each, f"length {axis} of {name}")))
        ends = [f"{end} of {name}" for name in pools for end in ("begin", "end")]
        wholes = ("alive", *counts, *ends, *rows.values())
        reals = tuple(name for name in numbers if name not in counts)
        writer = _Writer(reals, wholes, tuple(lengths), stacks, pools, {})
        inside = [writer.expression(name, value) for name, value in zip(arguments, calls[0], strict=True)]
        source = _SOURCE.format(parameters=", ".join(writer.parameters), call=",\n        ".join(inside))
        return cls(tuple(arguments), reals, wholes, tuple(lengths), stacks, pools, source, writer.records)

    def functions(self, march: Callable[..., Any], cuda: Any = None) -> tuple[Callable[..., None], ...]:
        """Return ``member(m, reals, wholes, *blocks)`` that makes one call, and a card's kernel around it.

        ``cuda``, numba's module of that name, marks the first for the card, which the second then calls.
        """
        scope: dict[str, Any] = {**self.records, "march": march, "cuda": cuda}
        exec(self.source, scope)
        if cuda is not None:
            scope["member"] = cuda.jit(device=True)(scope["member"])
        return scope["member"], scope["everyone"]


_SOURCE = """\
def member(m, {parameters}):
    tile = m // 32
    lane = m % 32
    march(
        {call},
    )


def everyone({parameters}):
    m = cuda.grid(1)
    if m < reals.shape[1] and wholes[0, m] != 0:
        member(m, {parameters})
"""


@dataclass(frozen=True)
class _Writer:
    reals: Sequence[str]
    wholes: Sequence[str]
    lengths: Sequence[tuple[str, int, str]]
    stacks: Sequence[Stack]
    pools: Sequence[str]
    records: dict[str, type]

    @property
    def parameters(self) -> list[str]:
        stacks = [f"stack_{n}" for n in range(len(self.stacks))]
        return ["reals", "wholes", *stacks, *(f"pool_{n}" for n in range(len(self.pools)))]

    def whole(self, name: str) -> str:
        return f"wholes[{self.wholes.index(name)}, m]"

    def expression(self, name: str, value: Any) -> str:
        if is_record(value):
            kind: type = value.__class__
            if self.records.setdefault(kind.__name__, kind) is not kind:
                raise TypeError(f"two records are called {kind.__name__}")
            parts = (self.expression(f"{name}.{f}", v) for f, v in zip(value._fields, value, strict=True))
            return f"{kind.__name__}({', '.join(parts)})"
        if not isinstance(value, np.ndarray):
            return self.whole(name) if name in self.wholes else f"reals[{self.reals.index(name)}, m]"
        if name in POOLED:
            begin, end = self.whole(f"begin of {name}"), self.whole(f"end of {name}")
            return f"pool_{self.pools.index(name)}[{begin}:{end}]"
        number = next(n for n, stack in enumerate(self.stacks) if name in stack.names)
        cuts = [f":{self.whole(row)}" for array, _, row in self.lengths if array == name]
        return f"stack_{number}[{self.stacks[number].names.index(name)}, tile, {', '.join(cuts)}, lane]"


Room = tuple[int, ...]


def rooms_of(form: Form, calls: Iterable[Call], rooms: Sequence[Room] = ()) -> list[Room]:
    """Return for each stack the lengths that fit every call's arrays, and the ``rooms`` found so far."""
    most = [list(room) for room in rooms] or [[1] * stack.ndim for stack in form.stacks]
    where = {name: room for stack, room in zip(form.stacks, most, strict=True) for name in stack.names}
    for call in calls:
        for name, array in flat(form.arguments, call).items():
            if name in where:
                where[name][:] = map(max, where[name], array.shape)
    return [tuple(room) for room in most]


def member_bytes(form: Form, rooms: Sequence[Room]) -> int:
    """Memory [bytes] that one member takes on a card, with the room its neighbours need."""
    return sum(
        len(stack.names) * math.prod(room) * np.dtype(stack.dtype).itemsize
        for stack, room in zip(form.stacks, rooms, strict=True)
    )


class Packed:
    """The numbers and arrays of a batch of calls, on this side of the bus.

    The members' own arrays stay where they are; ``gather`` puts one of them from all members in the
    card's order and ``scatter`` puts it back.
    """

    def __init__(self, arguments: Sequence[str], calls: Sequence[Call]) -> None:
        self.form = form = Form.of(arguments, calls)
        self.calls = list(calls)
        self.members = len(calls)
        self.tiles = -(-self.members // LANES)
        self.reals = np.zeros((len(form.reals), self.members))
        self.wholes = np.zeros((len(form.wholes), self.members), dtype=np.int64)
        self._row = {name: n for n, name in enumerate(form.reals)}
        self._whole_row = {name: n for n, name in enumerate(form.wholes)}
        self._arrays: list[dict[str, Numbers]] = [{} for _ in calls]
        self.pools: list[Numbers] = []
        for m, call in enumerate(calls):
            self._number(m, call, None)
        self._pool()
        self._lengths()
        self.shapes = [
            (len(stack.names), self.tiles, *room, LANES)
            for stack, room in zip(form.stacks, rooms_of(form, calls), strict=True)
        ]

    def replace(self, m: int, call: Call) -> None:
        """Put the next call of one member in place of its last; the arrays must be the same ones."""
        self._number(m, call, self.calls[m])
        self.calls[m] = call

    def alive(self, members: Sequence[int]) -> None:
        """Say which members take part."""
        self.wholes[0] = 0
        self.wholes[0, list(members)] = 1

    def _number(self, m: int, call: Call, last: Call | None) -> None:
        for position, (name, value) in enumerate(zip(self.form.arguments, call, strict=True)):
            if last is not None and last[position] is value:
                continue
            for leaf, number in leaves(name, value):
                if leaf in self._row:
                    self.reals[self._row[leaf], m] = number
                elif leaf in self._whole_row:
                    if not isinstance(number, WHOLE):
                        raise TypeError(f"member {m} came back with {leaf} not a whole number")
                    self.wholes[self._whole_row[leaf], m] = number
                elif last is None:
                    self._arrays[m][leaf] = number
                elif self._arrays[m][leaf] is not number:
                    raise TypeError(f"member {m} came back with another array {leaf}")

    def _pool(self) -> None:
        for name in self.form.pools:
            begins: dict[int, int] = {}
            kept: list[Numbers] = []
            total = 0
            for m, arrays in enumerate(self._arrays):
                array = arrays[name]
                if id(array) not in begins:
                    begins[id(array)] = total
                    kept.append(array)
                    total += len(array)
                begin = begins[id(array)]
                self.wholes[self._whole_row[f"begin of {name}"], m] = begin
                self.wholes[self._whole_row[f"end of {name}"], m] = begin + len(array)
            rows = np.concatenate(kept)
            # a card has no arrays without a byte
            self.pools.append(rows if len(rows) else np.zeros((1, *rows.shape[1:]), rows.dtype))

    def _lengths(self) -> None:
        for name, axis, row in self.form.lengths:
            self.wholes[self._whole_row[row]] = [arrays[name].shape[axis] for arrays in self._arrays]

    def place(self, name: str) -> tuple[int, int]:
        """Number of the stack that holds an array, and the array's number in it."""
        for number, stack in enumerate(self.form.stacks):
            if name in stack.names:
                return number, stack.names.index(name)
        raise KeyError(name)

    def filled(self, name: str) -> bool:
        """Whether one array holds anything but zeros in any member."""
        return any(arrays[name].any() for arrays in self._arrays)

    def gather(self, name: str) -> Numbers:
        """Return one array of all members in the card's order, ``[tile, …, lane]``."""
        number, _ = self.place(name)
        block = np.zeros(self.shapes[number][1:], self.form.stacks[number].dtype)
        for m, arrays in enumerate(self._arrays):
            block[self._own(m, arrays[name])] = arrays[name]
        return block

    def scatter(self, name: str, block: Numbers, members: Sequence[int]) -> None:
        """Put one array back into those members that ask for it."""
        for m in members:
            array = self._arrays[m][name]
            array[...] = block[self._own(m, array)]

    @staticmethod
    def _own(m: int, array: Numbers) -> tuple[Any, ...]:
        return (m // LANES, *(slice(length) for length in array.shape), m % LANES)
