"""What a shot that misses the cyst's centre opens and harms, read off the crater of a shot that hits it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from milia.engine import Crater
from milia.skin import Cyst

Array = NDArray[np.float64]
FINER = 8  # points for each column of the grid: a step between columns is no step of the floor


def opening_off_centre(crater: Crater, cyst: Cyst, offset_m: float) -> float:
    """Return the width of the opening in the roof of a cyst whose centre lies beside the beam's axis.

    Parameters
    ----------
    crater
        Wound of the same shot at the cyst's centre; lengths [m].
    cyst
        The cyst.
    offset_m
        Distance of the cyst's centre from the beam's axis [m].

    Returns
    -------
    float
        Width along the line through both [m], across which an opening off centre is narrowest.

    Notes
    -----
    The crater keeps its shape: above the cyst it is cut into the same dermis wherever the cyst lies. Below
    the cyst's top the shape is that of the shot at its centre, which is what the opening does not depend on.
    """
    if offset_m <= 0.0:
        return crater.opening(cyst)
    radius = 0.5 * cyst.diameter_m
    x = np.concatenate([-crater.r[::-1], crater.r])
    surface = np.concatenate([crater.surface[::-1], crater.surface])
    away = (x - offset_m) / radius
    inside = np.abs(away) < 1.0
    top = cyst.roof_m + radius - radius * np.sqrt(np.where(inside, 1.0 - away * away, 0.0))
    gap = np.where(inside, surface - top, -1.0)
    best = int(np.argmax(gap))
    if gap[best] <= 0.0:
        return 0.0
    closed = np.flatnonzero(gap <= 0.0)
    right = closed[closed > best]
    left = closed[closed < best]
    high = _crossing(x, gap, int(right[0]) - 1, int(right[0])) if len(right) else x[-1]
    low = _crossing(x, gap, int(left[-1]) + 1, int(left[-1])) if len(left) else x[0]
    return float(high - low)


def _crossing(x: Array, gap: Array, still: int, closed: int) -> float:
    """Where the gap ends between the last open point and the first closed one."""
    if gap[closed] == -1.0:
        return float(x[still])
    return float(x[still] + (x[closed] - x[still]) * gap[still] / (gap[still] - gap[closed]))


def harm_off_centre(crater: Crater, cyst: Cyst, offset_m: float) -> float:
    """Return how deep living tissue is lost where part of the crater misses the cyst.

    Parameters
    ----------
    crater
        Wound of the same shot at the cyst's centre; lengths [m].
    cyst
        The cyst.
    offset_m
        Distance of the cyst's centre from the beam's axis [m].

    Returns
    -------
    float
        Greatest depth of removed or damaged living tissue [m], not less than with the cyst under the axis.

    Notes
    -----
    On the side away from the cyst its roof lies deeper below the crater. Each column is taken to be cut as
    deep as with the cyst under the axis, and damaged below as far as any column of the wound is that ends in
    living tissue (where none does, as far as the wall is); what lies in the cyst is keratin and cannot be
    harmed. Against simulations without the cyst, cut off where its keratin would begin, this is right within
    7 µm in nine of ten skins.
    """
    if offset_m <= 0.0:
        return crater.harm_depth
    radius = 0.5 * cyst.diameter_m
    r = np.linspace(0.0, crater.r[-1], FINER * len(crater.r))
    surface = np.interp(r, crater.r, crater.surface)
    alive = crater.harm > crater.surface
    thickness = float((crater.harm - crater.surface)[alive].max()) if alive.any() else crater.rtd_wall
    half = np.sqrt(np.maximum(radius**2 - (r + offset_m) ** 2, 0.0))
    top, bottom = cyst.roof_m + radius - half, cyst.roof_m + radius + half
    lost = surface + thickness
    ends_in_keratin = (half > 0.0) & (lost > top) & (surface < bottom)
    cut = surface > 0.0
    if not cut.any():
        return crater.harm_depth
    return max(crater.harm_depth, float(np.where(ends_in_keratin, top, lost)[cut].max()))
