"""One row of cells at a time, written so that the compiler takes eight of them per instruction.

A loop over a slice from 0 to its length is what LLVM turns into vector instructions; a loop over ``[i, k]``
with a start of its own is not, because an index might be negative. Divisions are most of the work, and a
vector of them costs little more than one. What is written must not overlap with anything else given.
Nothing here is an approximation: the operations on each cell are those of the formula, in its order.
"""

from __future__ import annotations

from numba import njit

from milia.engine.kernels.arrays import Array
from milia.engine.kernels.disjoint import Disjoint
from milia.engine.kernels.point import NEAR_K


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def copy(given: Array, taken: Array) -> None:
    """Copy one row into another."""
    for k in range(taken.shape[0]):
        taken[k] = given[k]


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def clear(row: Array) -> None:
    """Fill a row with zeros."""
    for k in range(row.shape[0]):
        row[k] = 0.0


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def conduct(
    factor: float, width_a: float, width_b: float, resistance_a: Array, resistance_b: Array, link: Array
) -> None:
    """Fill in the conductance between two rows of cells: ``factor / (d_a/k_a + d_b/k_b)``."""
    for k in range(link.shape[0]):
        link[k] = factor / (width_a * resistance_a[k] + width_b * resistance_b[k])


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def choose(
    inner: Array,
    outer: Array,
    within: Array,
    rise: Array,
    beyond: Array,
    limit: Array,
    up: Array,
    heat: Array,
    held: Array,
) -> None:
    """Fill in the heat capacity in force: ``up`` where a cell on its bound gains heat, else ``heat``."""
    for k in range(held.shape[0]):
        flow = inner[k] * (within[k] - rise[k]) + outer[k] * (beyond[k] - rise[k])
        on_bound = (flow > 0.0) & (rise[k] >= limit[k] - NEAR_K)
        held[k] = up[k] if on_bound else heat[k]


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def eliminate(
    g: float,
    ring: float,
    inner: Array,
    outer: Array,
    within: Array,
    rise: Array,
    beyond: Array,
    held: Array,
    upper_before: Array,
    theta_before: Array,
    inverse: Array,
    upper: Array,
    theta: Array,
) -> None:
    """Go one row forward in ``(C − g L) θ = L T``; keep the factors in ``inverse`` and ``upper``."""
    for k in range(theta.shape[0]):
        flow = inner[k] * (within[k] - rise[k]) + outer[k] * (beyond[k] - rise[k])
        scale = 1.0 / (held[k] * ring + g * (inner[k] + outer[k] - inner[k] * upper_before[k]))
        inverse[k] = scale
        upper[k] = g * outer[k] * scale
        theta[k] = (flow + g * inner[k] * theta_before[k]) * scale


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def substitute(
    g: float,
    ring: float,
    inner: Array,
    outer: Array,
    within: Array,
    trial: Array,
    beyond: Array,
    held: Array,
    first_stage: Array,
    theta_before: Array,
    inverse: Array,
    theta: Array,
) -> None:
    """Go one row forward in the second stage, with the factors kept from the first."""
    for k in range(theta.shape[0]):
        flow = inner[k] * (within[k] - trial[k] + g * theta_before[k])
        flow += outer[k] * (beyond[k] - trial[k])
        flow -= 2.0 * held[k] * ring * first_stage[k]
        theta[k] = flow * inverse[k]


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def back(upper: Array, after: Array, theta: Array) -> None:
    """Go one row back: ``θ += upper θ_after``."""
    for k in range(theta.shape[0]):
        theta[k] += upper[k] * after[k]


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def turned(theta: Array, held: Array, heat: Array) -> int:
    """Return how many cells cool with a capacity that only phase change has."""
    count = 0
    for k in range(theta.shape[0]):
        count += (theta[k] < 0.0) & (held[k] != heat[k])
    return count


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def advance(
    dt: float, rise: Array, theta: Array, limit: Array, held: Array, heat: Array, trial: Array
) -> int:
    """Fill in ``trial = rise + dt θ``; return in how many cells that is not yet the temperature."""
    count = 0
    for k in range(trial.shape[0]):
        trial[k] = rise[k] + dt * theta[k]
        count += (trial[k] > limit[k]) | (held[k] != heat[k])
    return count


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def average(theta_1: Array, theta_2: Array) -> None:
    """Put the mean of both stages, ``(3 θ1 + θ2)/2``, into ``theta_2``."""
    for k in range(theta_2.shape[0]):
        theta_2[k] = 0.5 * (3.0 * theta_1[k] + theta_2[k])


@njit(cache=True, nogil=True, error_model="numpy", pipeline_class=Disjoint)
def settle(
    dt: float,
    theta_1: Array,
    theta_2: Array,
    cut: Array,
    held: Array,
    heat: Array,
    limit: Array,
    e: Array,
    rise: Array,
) -> int:
    """Add ``dt θ C`` to the enthalpy, of the first stage where ``cut``; return how many pass their limit."""
    count = 0
    for k in range(e.shape[0]):
        theta = theta_1[k] if cut[k] > 0.0 else theta_2[k]
        e[k] += dt * theta * held[k]
        rise[k] = e[k] / heat[k]
        count += rise[k] > limit[k]
    return count
