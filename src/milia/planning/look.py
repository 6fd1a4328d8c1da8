"""What somebody who looks between two pulses sees, and when they stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from milia.knowledge import load_knowledge

Array = NDArray[np.float64]
LOOK_EVIDENCE = tuple(
    f"planning.look.{name}" for name in ("misses_open", "misses_closed", "press_tells", "most_pulses")
)


@dataclass(frozen=True)
class Look:
    """How well a look tells: chances that an open roof is taken for closed, and that a closed one is left.

    ``misses_closed`` is what remains of a closed roof taken for open once nothing could be pressed out.
    """

    misses_open: float
    misses_closed: float


@lru_cache(maxsize=1)
def the_look() -> tuple[Look, int]:
    """Return how well a look tells, and how many single shots are fired at most, from the knowledge base.

    A closed cyst taken for open is pressed like any open one, and shows by what does not come out that it is
    closed: only where that is not noticed either does it stay closed.
    """
    known = load_knowledge()
    misses_open, misses_closed, tells, most = (known.quantity(id).si for id in LOOK_EVIDENCE)
    return Look(misses_open, misses_closed * (1.0 - tells)), round(most)


def stops(is_open: bool, luck: float, look: Look) -> bool:
    """Say whether a look ends the firing, by a luck drawn evenly from 0 to 1."""
    return luck >= look.misses_open if is_open else luck < look.misses_closed


def stopping(opened: Sequence[bool] | NDArray[np.bool_], look: Look) -> Array:
    """Return the chance of stopping after each pulse [pulses], which sums to one.

    After each pulse someone looks: an open roof is seen as open with chance 1 − misses_open, a closed
    one with chance misses_closed. Whoever sees it open stops; after the last pulse all stop.
    """
    seen = np.where(np.asarray(opened), 1.0 - look.misses_open, look.misses_closed)
    going = np.concatenate([[1.0], np.cumprod(1.0 - seen)[:-1]])
    chance = going * seen
    chance[-1] = going[-1]
    return np.asarray(chance)
