"""What goes onto the card comes back, each member has its own, and nothing is cut to a whole number."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.engine.gpu.packing import LANES, Form, Packed, member_bytes, rooms_of

ARGUMENTS = ("until", "body", "table", "counts", "limit")


class Body(NamedTuple):
    heat: Any
    share: float
    edges: Any


def call(number: int, nr: int, nz: int, table: Any, share: float = 0.5) -> tuple[Any, ...]:
    """A made-up kernel's arguments, all different from any other member's."""
    body = Body(
        number + np.arange(nr * nz, dtype=float).reshape(nr, nz), share, 10.0 * number + np.arange(nz + 1.0)
    )
    return (0.25 * number, body, table, np.full(3, number, dtype=np.int64), 100 + number)


def blocks_of(packed: Packed) -> list[Any]:
    blocks = [
        np.zeros(shape, stack.dtype) for stack, shape in zip(packed.form.stacks, packed.shapes, strict=True)
    ]
    for stack in packed.form.stacks:
        for name in stack.names:
            where, number = packed.place(name)
            blocks[where][number] = packed.gather(name)
    return blocks


@settings(max_examples=25)
@given(
    shapes=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 6)), min_size=1, max_size=2 * LANES + 3),
    tables=st.integers(1, 3),
)
def test_each_member_is_called_with_what_it_gave(shapes: list[tuple[int, int]], tables: int) -> None:
    pool = [np.arange(2.0 + n) + 100 * n for n in range(tables)]
    calls = [call(m, nr, nz, pool[m % tables]) for m, (nr, nz) in enumerate(shapes)]
    packed = Packed(ARGUMENTS, calls)
    packed.alive(range(len(calls)))
    got: list[tuple[Any, ...]] = []
    member, _ = packed.form.functions(lambda *arguments: got.append(arguments))
    for m in range(len(calls)):
        member(m, packed.reals, packed.wholes, *blocks_of(packed), *packed.pools)
    for given_call, seen in zip(calls, got, strict=True):
        for a, b in zip(given_call, seen, strict=True):
            if isinstance(a, Body):
                assert isinstance(b, Body)
                assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
            else:
                assert np.array_equal(a, b)


def test_what_a_call_changes_comes_back_to_its_own_member() -> None:
    calls = [call(m, 2 + m % 3, 4 - m % 2, np.arange(3.0)) for m in range(LANES + 2)]
    before = [c[1].heat.copy() for c in calls]
    packed = Packed(ARGUMENTS, calls)
    blocks = blocks_of(packed)

    def double(_until: float, body: Body, *_rest: Any) -> None:
        body.heat[...] *= 2.0

    member, _ = packed.form.functions(double)
    for m in (0, LANES + 1):
        member(m, packed.reals, packed.wholes, *blocks, *packed.pools)
    stack, number = packed.place("body.heat")
    packed.scatter("body.heat", blocks[stack][number], [0, 1, LANES + 1])
    for m, was in enumerate(before):
        assert np.array_equal(calls[m][1].heat, 2.0 * was if m in (0, LANES + 1) else was)


def test_a_shared_table_is_kept_once() -> None:
    table = np.arange(1000.0)
    packed = Packed(ARGUMENTS, [call(m, 2, 2, table) for m in range(40)])
    assert [pool.shape for pool in packed.pools] == [(1000,)]


def test_lengths_that_always_agree_share_a_row_and_others_do_not() -> None:
    square = Form.of(ARGUMENTS, [call(0, 3, 3, np.zeros(1))])
    assert len({row for *_, row in square.lengths}) == 2  # 3 = length of counts, and 3 + 1
    mixed = Form.of(ARGUMENTS, [call(0, 3, 3, np.zeros(1)), call(1, 2, 4, np.zeros(1))])
    assert len({row for *_, row in mixed.lengths}) == 4


def test_a_number_that_is_whole_in_one_member_only_is_not_cut() -> None:
    packed = Packed(ARGUMENTS, [call(0, 2, 2, np.zeros(1), share=1), call(1, 2, 2, np.zeros(1), share=0.97)])
    assert packed.reals[packed.form.reals.index("body.share")].tolist() == [1.0, 0.97]


def test_a_next_call_may_bring_other_numbers_but_not_other_arrays() -> None:
    first = call(0, 2, 2, np.zeros(1))
    packed = Packed(ARGUMENTS, [first])
    packed.replace(0, (7.5, *first[1:]))
    assert packed.reals[packed.form.reals.index("until"), 0] == 7.5
    with pytest.raises(TypeError, match=r"body\.heat"):
        packed.replace(0, (7.5, call(0, 2, 2, np.zeros(1))[1], *first[2:]))
    with pytest.raises(TypeError, match="limit not a whole number"):
        packed.replace(0, (*first[:4], 0.5))


def test_room_is_that_of_the_largest() -> None:
    calls = [call(0, 5, 2, np.zeros(1)), call(1, 2, 6, np.zeros(1))]
    form = Form.of(ARGUMENTS, calls)
    rooms = dict(zip([(s.dtype, s.ndim) for s in form.stacks], rooms_of(form, calls), strict=True))
    assert rooms == {("float64", 1): (7,), ("float64", 2): (5, 6), ("int64", 1): (3,)}
    assert member_bytes(form, list(rooms.values())) == 8 * (7 + 30 + 3)
