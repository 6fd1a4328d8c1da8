"""The moving front: which cells leave, what they take along, and where within a cell the floor is."""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.arrays import REMOVED, Array, Fields, Layout, Matter
from milia.engine.kernels.point import Physics, ejected_at, progress


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def let_go(
    light: float,
    dz: float,
    before: float,
    now: float,
    mu_before: float,
    mu_now: float,
    share: float,
    scale: float,
) -> float:
    """Progress at which a cell left while it came from ``before`` to ``now``; −1 where it stays.

    ``light`` [W/m²] is what it absorbed with ``mu_before`` [1/m]. A cell that dries absorbs less and so has
    to come further, which is why both ends of the step are asked.
    """
    if light <= 0.0:
        return 2.0 if now >= 2.0 else -1.0
    arriving = light / (1.0 - math.exp(-mu_before * dz))
    behind = before - ejected_at(light / dz, share, scale)
    ahead = now - ejected_at(arriving * (1.0 - math.exp(-mu_now * dz)) / dz, share, scale)
    if ahead < 0.0:
        return -1.0
    if behind >= 0.0:
        return before
    return before + (now - before) * behind / (behind - ahead)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _vacate(i: int, k: int, f: Fields) -> None:
    """Empty a cell that has left: no heat, no water, no conduction."""
    f.e[i, k] = 0.0
    f.rise[i, k] = 0.0
    f.before[i, k] = 0.0
    f.water[i, k] = 0.0
    f.limit[i, k] = math.inf
    f.spent[i, k] = 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def recede(
    i: int, last: int, layout: Layout, matter: Matter, f: Fields, area: float, ledger: Array, rows: int
) -> None:
    """Let the cells of one column leave down to row ``last``, each with the enthalpy that it holds.

    What a cell was given beyond the point at which it left heats the next one.
    """
    for gone in range(f.top[i], last + 1):
        excess = 0.0
        if gone + 1 < rows:
            excess = max(f.e[i, gone] - f.heat[i, gone] * f.limit[i, gone], 0.0)
        ledger[REMOVED] += area * layout.dz[gone] * (f.e[i, gone] - excess)
        if excess > 0.0:
            f.e[i, gone + 1] += excess * layout.dz[gone] / layout.dz[gone + 1]
            # what it boils or decomposes is for the next step to say; till then it is at its bound at most
            f.rise[i, gone + 1] = min(f.e[i, gone + 1] / f.heat[i, gone + 1], f.limit[i, gone + 1])
        _vacate(i, gone, f)
    k = last + 1
    f.top[i] = k
    if k < f.e.shape[1]:
        f.begun[i] = progress(f.water[i, k], matter.water_0[i, k], f.spent[i, k])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def settle(i: int, heating: float, layout: Layout, matter: Matter, f: Fields, p: Physics) -> None:
    """Place the floor of one column within its first cell, never higher than it was.

    Where all progress is made at the front itself, as in slow decomposition, the floor lies at the share
    that has decomposed. Where light makes it in several cells at once, the floor is where progress, run on
    evenly, would be that of ejection: half a cell above the upper edge of a cell that has just become the
    first with ``begun`` close to ejection, half a cell below when it leaves. In between, both are weighted.
    A column that nothing has left has no crater, however much of its water has boiled.
    """
    k = f.top[i]
    spent = f.spent[i, k]
    within = spent * layout.dz[k]
    if k > 0 and heating > 0.0:
        needed = ejected_at(heating, p.ejection_share, p.ejection_heating)
        sharp = min(max(needed - 1.0, 0.0), 1.0)
        begun = min(max(f.begun[i], sharp), needed)
        now = min(progress(f.water[i, k], matter.water_0[i, k], spent), needed)
        share = (now - begun) / (needed - begun) if now > begun else 0.0
        lead = 0.5 * math.sqrt((begun - sharp) / (needed - sharp))
        spread = share * (1.0 - lead) * layout.dz[k] - (1.0 - share) * lead * layout.dz[k - 1]
        within = sharp * within + (1.0 - sharp) * spread
    f.surface[i] = max(f.surface[i], layout.z_edges[k] + within)
