"""A tilted beam, cut into parallel rays, one for each column of the undisturbed surface.

A ray goes straight through air and emptied cells. Where it meets tissue it is refracted as by a flat, level
surface (by an upright one if it enters through a free edge) and is absorbed along its slanted path. What
falls beyond a free edge, or leaves through it again, has missed.
"""

from __future__ import annotations

import math

from numba import njit

from milia.engine.kernels.arrays import Array, Fields, Matter, Whole
from milia.engine.kernels.light import BeamSpec
from milia.engine.kernels.point import Physics, absorption
from milia.engine.volume.kernels.footprint import DIMMEST, Aimed, cell_light

FAINTEST = 1e-5  # of a ray: what is left is absorbed at once
MISSED, HIT, ENTERED = 0, 1, 2


@njit(cache=True, nogil=True, error_model="numpy")
def _next_face(at: float, step: float, edges: Array, n: int) -> float:
    """Path [m] to the face of cell ``n`` towards which a ray goes along one direction."""
    if step > 1e-12:
        return float(max((edges[n + 1] - at) / step, 0.0))
    if step < -1e-12:
        return float(max((edges[n] - at) / step, 0.0))
    return math.inf


@njit(cache=True, nogil=True, error_model="numpy")
def _cell_of(at: float, edges: Array) -> int:
    """Index of the cell that holds a coordinate; −1 or the number of cells outside."""
    low, high = -1, edges.shape[0] - 1
    while high - low > 1:
        middle = (low + high) // 2
        if edges[middle] <= at:
            low = middle
        else:
            high = middle
    if at < edges[0]:
        return -1
    return low if at < edges[edges.shape[0] - 1] else edges.shape[0] - 1


@njit(cache=True, nogil=True, error_model="numpy")
def _walk(
    position: Array, cell: Whole, ux: float, uy: float, uz: float, x: Array, y: Array, z: Array
) -> float:
    """Go to the next face along a ray and into the cell behind it; return the path [m]."""
    tx = _next_face(position[0], ux, x, cell[0])
    ty = _next_face(position[1], uy, y, cell[1])
    tz = _next_face(position[2], uz, z, cell[2])
    path = min(tx, ty, tz)
    position[0] += ux * path
    position[1] += uy * path
    position[2] += uz * path
    if path == tz:
        cell[2] += 1
    elif path == tx:
        cell[0] += 1 if ux > 0.0 else -1
    else:
        cell[1] += 1 if uy > 0.0 else -1
    return path


@njit(cache=True, nogil=True, error_model="numpy")
def _within(cell: Whole, box: Whole, nz: int) -> bool:
    return bool(box[0] <= cell[0] < box[1] and box[2] <= cell[1] < box[3] and cell[2] < nz)


@njit(cache=True, nogil=True, error_model="numpy")
def _find_tissue(
    position: Array, cell: Whole, aimed: Aimed, box: Whole, x: Array, y: Array, z: Array, top: Whole
) -> int:
    """Take a ray through air to the tissue it meets first; say how it gets in."""
    nx, ny, nz = x.shape[0] - 1, y.shape[0] - 1, z.shape[0] - 1
    how = HIT
    if not (0 <= cell[0] < nx and 0 <= cell[1] < ny):
        # it starts beyond the free edge, and may reach the upright face behind it
        path = math.inf
        if cell[0] < 0 or cell[0] >= nx:
            path = ((x[0] if cell[0] < 0 else x[nx]) - position[0]) / aimed.dx if aimed.dx != 0.0 else -1.0
        else:
            path = ((y[0] if cell[1] < 0 else y[ny]) - position[1]) / aimed.dy if aimed.dy != 0.0 else -1.0
        if path < 0.0:
            return MISSED
        position[0] += aimed.dx * path
        position[1] += aimed.dy * path
        position[2] += aimed.dz * path
        cell[0] = min(max(cell[0], 0), nx - 1) if cell[0] < 0 or cell[0] >= nx else _cell_of(position[0], x)
        cell[1] = min(max(cell[1], 0), ny - 1) if cell[1] < 0 or cell[1] >= ny else _cell_of(position[1], y)
        cell[2] = _cell_of(position[2], z)
        how = ENTERED
    while _within(cell, box, nz):
        if cell[2] >= top[cell[0], cell[1]]:
            return how
        _walk(position, cell, aimed.dx, aimed.dy, aimed.dz, x, y, z)
        how = HIT
    return MISSED


@njit(cache=True, nogil=True, error_model="numpy")
def meet(
    rays: Array, beam: BeamSpec, aimed: Aimed, box: Whole, x: Array, y: Array, z: Array, top: Whole,
    met: Array, cells: Whole, shares: Array,
) -> float:  # fmt: skip
    """Find where each ray meets tissue, and its share of the power.

    ``rays`` [n, 4] are cells of the plane z = 0, middle and sizes. ``met`` [n, 5] receives position, share
    and how; ``cells`` [n, 3] the cell; ``shares`` [nx, ny] what each column meets, for the length of steps.
    Returns the brightest share per level area [1/m²].
    """
    position, cell = met[:, :3], cells
    total = 0.0
    brightest = 0.0
    for n in range(rays.shape[0]):
        position[n, 0], position[n, 1], position[n, 2] = rays[n, 0], rays[n, 1], 0.0
        cell[n, 0], cell[n, 1], cell[n, 2] = _cell_of(rays[n, 0], x), _cell_of(rays[n, 1], y), 0
        how = _find_tissue(position[n], cell[n], aimed, box, x, y, z, top)
        depth = 0.0
        if how != MISSED:
            depth = (position[n, 0] - aimed.x) * aimed.dx + (position[n, 1] - aimed.y) * aimed.dy
            depth += position[n, 2] * aimed.dz
        part = cell_light(rays[n, 0], rays[n, 1], rays[n, 2], rays[n, 3], depth, beam, aimed)
        met[n, 3], met[n, 4] = part, how
        total += part
        brightest = max(brightest, part / (rays[n, 2] * rays[n, 3]))
    kept = 0.0
    for n in range(rays.shape[0]):
        if met[n, 3] < DIMMEST * brightest * rays[n, 2] * rays[n, 3]:
            met[n, 3] = 0.0
        kept += met[n, 3]
    shares[:, :] = 0.0
    for n in range(rays.shape[0]):
        met[n, 3] /= kept
        if met[n, 4] > MISSED:
            shares[cell[n, 0], cell[n, 1]] += met[n, 3]
    return brightest / kept


@njit(cache=True, nogil=True, error_model="numpy")
def absorb(
    power: float, plume: float, aimed: Aimed, met: Array, cells: Whole, box: Whole, x: Array, y: Array,
    z: Array, matter: Matter, f: Fields, light: Array, midway: Array, fed: Whole, p: Physics,
) -> tuple[float, float, float, int]:  # fmt: skip
    """Absorb every ray along its path, by the water ``midway`` where there is light already.

    ``light`` [W/m² per cell] grows, in rows that ``fed`` names.

    What little is left of a ray is absorbed at once where it would leave the ``box`` of columns i0, i1, j0,
    j1, or has missed if it is in air there. Returns what missed, what the plume took and what was reflected
    [W], and the row below the last lit one.
    """
    nx, ny, nz = matter.water_0.shape
    missed = 0.0
    hidden = 0.0
    reflected = 0.0
    lowest = 0
    for n in range(met.shape[0]):
        left = power * met[n, 3]
        how = int(met[n, 4])
        if left <= 0.0:
            continue
        if how == MISSED:
            missed += left
            continue
        hidden += plume * left
        left *= 1.0 - plume
        back = left * (aimed.side_reflectance if how == ENTERED else aimed.reflectance)
        reflected += back
        left -= back
        ux, uy, uz = aimed.tissue_x, aimed.tissue_y, aimed.tissue_z
        if how == ENTERED:
            ux, uy, uz = aimed.side_x, aimed.side_y, aimed.side_z
        position, cell = met[n, :3], cells[n]
        cut = FAINTEST * left
        i, j, k = cell[0], cell[1], cell[2]
        while left > 0.0:
            here = cell[2] >= f.top[cell[0], cell[1]]
            if here:
                i, j, k = cell[0], cell[1], cell[2]
            path = _walk(position, cell, ux, uy, uz, x, y, z)
            if here:
                rise = f.rise[i, j, k]
                mu = absorption(
                    rise, max(rise, f.rise_max[i, j, k]), midway[i, j, k], matter.dry_mu[i, j, k], p
                )
                through = left * math.exp(-mu * path)
                # a free edge lets light out; the box is only as far as one looks
                out = cell[0] < 0 or cell[0] >= nx or cell[1] < 0 or cell[1] >= ny
                if through < cut or not (out or _within(cell, box, nz)):
                    through = 0.0
                area = (x[i + 1] - x[i]) * (y[j + 1] - y[j])
                light[i, j, k] += (left - through) / area
                fed[i, j, 0], fed[i, j, 1] = min(fed[i, j, 0], k), max(fed[i, j, 1], k + 1)
                lowest = max(lowest, k + 2)
                left = through
            if left > 0.0 and not _within(cell, box, nz):
                missed += left
                left = 0.0
    return missed, hidden, reflected, lowest
