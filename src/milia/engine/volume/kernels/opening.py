"""How wide the crater of one spot is open at the surface, for what plume and walls take of the light."""

from __future__ import annotations

from numba import njit

from milia.engine.kernels.arrays import Array

NO_FLOOR = -1.0e300


@njit(cache=True, nogil=True, error_model="numpy")
def _carried(surface: Array, x: Array, y: Array, i: int, j: int, along: int, across: int) -> float:
    """Floor of a column that has none, carried on from its neighbour at a step ``along``, ``across``.

    Zero or less: what the slope from the next but one to the neighbour says, as steep as to half-way at
    least where the slope says nothing; ``NO_FLOOR`` where the neighbour has not sunk. ``x`` and ``y`` are the
    columns' middles.
    """
    nx, ny = surface.shape
    a, b = i + along, j + across
    if a < 0 or a >= nx or b < 0 or b >= ny or surface[a, b] <= 0.0:
        return NO_FLOOR
    border, inner = surface[a, b], 0.0
    if 0 <= a + along < nx and 0 <= b + across < ny:
        inner = surface[a + along, b + across]
        if inner > border:
            ratio = 1.0
            if along != 0:
                ratio = (x[a] - x[i]) / (x[a + along] - x[a])
            else:
                ratio = (y[b] - y[j]) / (y[b + across] - y[b])
            return float(min(border - ratio * (inner - border), 0.0))
    return float(-border)


@njit(cache=True, nogil=True, error_model="numpy")
def carry_below(
    i0: int, i1: int, j0: int, j1: int, surface: Array, x: Array, y: Array, height: Array
) -> None:
    """Fill ``height`` with the floor, carried on below zero around craters by the slope of their borders.

    The rim then lies where the axisymmetric engine puts it: at the middle of a border column that has hardly
    sunk, as far as the middle of the next one where the slope says so, half-way where it says nothing.
    """
    for i in range(i0, i1):
        for j in range(j0, j1):
            best = surface[i, j]
            if best <= 0.0:
                best = NO_FLOOR
                for along in (-1, 0, 1):
                    for across in (-1, 0, 1):
                        if along != 0 or across != 0:
                            best = max(best, _carried(surface, x, y, i, j, along, across))
            height[i, j] = best


@njit(cache=True, nogil=True, error_model="numpy")
def _above(a: float, b: float, c: float) -> float:
    """Share of a triangle over which a linear height with these corners is above zero."""
    up = (1 if a > 0.0 else 0) + (1 if b > 0.0 else 0) + (1 if c > 0.0 else 0)
    if up == 0 or up == 3:
        return 0.0 if up == 0 else 1.0
    # bring the corner that is alone on its side to a
    if (b > 0.0) == (up == 1):
        a, b = b, a
    elif (c > 0.0) == (up == 1):
        a, c = c, a
    tip = (a / (a - b)) * (a / (a - c))
    return tip if up == 1 else 1.0 - tip


@njit(cache=True, nogil=True, error_model="numpy")
def _bounds(i0: int, i1: int, j0: int, j1: int, surface: Array) -> tuple[int, int, int, int]:
    """The part of a box with every column whose floor has sunk, and those around them."""
    a0, a1, b0, b1 = i1, i0, j1, j0
    for i in range(i0, i1):
        for j in range(j0, j1):
            if surface[i, j] > 0.0:
                a0, a1, b0, b1 = min(a0, i), max(a1, i + 1), min(b0, j), max(b1, j + 1)
    return max(a0 - 1, i0), min(a1 + 1, i1), max(b0 - 1, j0), min(b1 + 1, j1)


@njit(cache=True, nogil=True, error_model="numpy")
def open_area(
    i0: int, i1: int, j0: int, j1: int, x: Array, y: Array, surface: Array, own: Array, height: Array
) -> float:
    """Area [m²] over which one spot's crater is open, in columns [i0, i1) × [j0, j1).

    ``own`` [nx, ny] is 1 in the spot's columns and 0 in others'. Between the columns' middles the floor is
    linear over triangles, by both diagonals alike, and a triangle counts by the mean of its corners'
    ``own``. ``height`` [nx, ny] is working memory.
    """
    i0, i1, j0, j1 = _bounds(i0, i1, j0, j1, surface)
    carry_below(i0, i1, j0, j1, surface, x, y, height)
    area = 0.0
    for i in range(i0, i1 - 1):
        wide = x[i + 1] - x[i]
        for j in range(j0, j1 - 1):
            around = (height[i, j], height[i + 1, j], height[i + 1, j + 1], height[i, j + 1])
            if max(around[0], around[1], around[2], around[3]) <= 0.0:
                continue
            mine = (own[i, j], own[i + 1, j], own[i + 1, j + 1], own[i, j + 1])
            quarter = 0.25 * wide * (y[j + 1] - y[j])
            for n in range(4):
                before, after = (n + 3) % 4, (n + 1) % 4
                share = _above(around[n], around[before], around[after])
                area += quarter * share * (mine[n] + mine[before] + mine[after]) / 3.0
    return area
