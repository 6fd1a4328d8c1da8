"""A free edge, and light that comes at an angle, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from milia.engine import nominal_parameters
from milia.engine.linear import equal_steps, plain_physics
from milia.engine.parameters import Parameters
from milia.engine.solver import beam_spec
from milia.engine.volume.grid import VolumeGrid
from milia.engine.volume.linear import march_plain_volume, plain_volume
from milia.engine.volume.scene import Edge, Scene, Spot
from milia.engine.volume.source import Light, Pulse, aim, fresnel
from milia.laser import Beam
from milia.skin import fresnel_reflectance

Array = NDArray[np.float64]
K, HEAT = 0.5, 3.5e6
A = K / HEAT
SIZE, CELL = 0.35e-3, 5e-6


@pytest.mark.parametrize("explicit_steps", [10**6, 0], ids=["explicit", "lines"])
def test_an_insulated_edge_is_a_mirror(explicit_steps: int) -> None:
    """A hot Gaussian column beside the edge: itself and its image beyond it.

    An initial rise exp(−((x−x0)² + y²)/2s²), uniform along z, becomes s²/(s²+2at) times the same Gaussian
    with s²+2at in place of s², plus its mirror image about the edge.
    """
    edge, x0, s = 0.1e-3, 0.04e-3, 30e-6
    grid = VolumeGrid(
        np.linspace(-0.3e-3, edge, 81), np.linspace(-0.3e-3, 0.3e-3, 121), np.linspace(0.0, 2e-5, 3)
    )
    x, y = grid.x_mid[:, None, None], grid.y_mid[None, :, None]

    def exact(time: float) -> Array:
        wide = s * s + 2.0 * A * time
        here = np.exp(-((x - x0) ** 2 + y**2) / (2.0 * wide))
        image = np.exp(-((2.0 * edge - x - x0) ** 2 + y**2) / (2.0 * wide))
        return np.asarray(100.0 * s * s / wide * (here + image))

    state = plain_volume(grid, conductivity=K, heat_capacity=HEAT, rise=exact(0.0))
    end = 10e-3
    march_plain_volume(state, end, accuracy=equal_steps(end / 100), explicit_steps=explicit_steps)
    found, wanted = state.fields.rise[:, :, 0], exact(end)[:, :, 0]
    assert np.abs(found - wanted).max() < 2e-3 * wanted.max()
    # at the edge the image doubles what would be there
    at_edge = found[-1, 60]
    alone = (
        100.0 * s * s / (s * s + 2 * A * end) * math.exp(-((edge - x0) ** 2) / (2 * (s * s + 2 * A * end)))
    )
    assert at_edge == pytest.approx(2.0 * alone, rel=0.02)


def light_on(scene: Scene, parameters: Parameters) -> tuple[Array, float, float, float]:
    """Absorb one watt of a 100 µm beam in plain matter; return light [W per cell], missed, reflected, µ."""
    mu = 40e3
    x = np.arange(-SIZE, min(scene.limits[0][1], SIZE) + 1e-9, CELL)
    grid = VolumeGrid(x, np.arange(-SIZE, SIZE + 1e-9, CELL), np.arange(0.0, 0.3e-3 + 1e-9, CELL))
    state = plain_volume(grid, conductivity=K, heat_capacity=HEAT, absorption=mu)
    beam = Beam(spot_diameter_m=100e-6)
    spec, _ = beam_spec(beam)
    light = Light(scene, 0, Pulse(1.0, 0.0, 1.0), spec._replace(rayleigh=0.0), 2.0, state, parameters)
    light.prepare(state, plain_physics(300.0))
    laid, fed = np.zeros(grid.shape), np.zeros((*grid.shape[:2], 2), dtype=np.int64)
    booked = light.book(state, (laid, np.zeros(grid.shape), fed), 0.0, 1.0, plain_physics(300.0))
    return laid * grid.area[:, :, None], booked.missed, booked.reflected, mu


@pytest.mark.parametrize("degrees", [10.0, 40.0, 60.0])
@pytest.mark.parametrize("azimuth", [0.0, 90.0, 215.0])
def test_a_tilted_beam_goes_down_along_the_refracted_ray(degrees: float, azimuth: float) -> None:
    """Snell: mean depth cos θt/µ, mean shift sin θt/µ along the azimuth, every joule accounted for."""
    parameters = nominal_parameters()
    tilt = math.radians(degrees)
    absorbed, missed, reflected, mu = light_on(
        Scene(tilt_rad=tilt, azimuth_rad=math.radians(azimuth)), parameters
    )
    assert missed < 1e-5
    assert absorbed.sum() + reflected + missed == pytest.approx(1.0, rel=1e-12)
    assert reflected == pytest.approx(
        fresnel(math.cos(tilt), parameters.refractive_index, parameters.extinction)
    )
    inside = math.asin(math.sin(tilt) / parameters.refractive_index)
    x = y = np.arange(-SIZE, SIZE - 1e-9, CELL) + 0.5 * CELL
    z = np.arange(0.0, 0.3e-3 - 1e-9, CELL) + 0.5 * CELL
    share = absorbed / absorbed.sum()
    depth = float((share * z).sum())
    along = float((share * x[:, None, None]).sum()) * math.cos(math.radians(azimuth))
    along += float((share * y[None, :, None]).sum()) * math.sin(math.radians(azimuth))
    # light counts at the middles of cells of 5 µm
    assert depth == pytest.approx(math.cos(inside) / mu, abs=0.4e-6)
    assert along == pytest.approx(math.sin(inside) / mu, abs=0.75e-6)


def test_reflection_at_an_angle() -> None:
    n, k = 1.18, 0.07
    assert fresnel(1.0, n, k) == pytest.approx(float(fresnel_reflectance(n, k)), rel=1e-12)
    # unpolarised light on a clear medium at Brewster's angle: half of R_s = ((n²−1)/(n²+1))²
    brewster = math.cos(math.atan(1.5))
    assert fresnel(brewster, 1.5, 0.0) == pytest.approx(0.5 * ((1.5**2 - 1) / (1.5**2 + 1)) ** 2, rel=1e-12)
    assert fresnel(1e-9, n, k) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("distance_um", [-20.0, 0.0, 30.0])
def test_light_beyond_the_edge_misses(distance_um: float) -> None:
    """A Gaussian cut by a straight edge a distance d away loses ½ erfc(√2 d/w)."""
    edge = Edge(0.1e-3, "+x")
    spot = Spot(0.1e-3 - 1e-6 * distance_um, 0.0)
    clear = nominal_parameters()
    lost = 0.5 * math.erfc(math.sqrt(2.0) * distance_um / 50.0)
    _, straight, _, _ = light_on(Scene(spots=(spot,), edge=edge), clear)
    assert straight == pytest.approx(lost, abs=2e-3)
    # nearly straight, as rays: what falls beyond the edge misses likewise
    absorbed, slanted, reflected, _ = light_on(Scene(spots=(spot,), edge=edge, tilt_rad=1e-4), clear)
    assert slanted == pytest.approx(lost, abs=2e-3)
    assert absorbed.sum() + reflected + slanted == pytest.approx(1.0, rel=1e-12)


def test_light_aimed_inwards_enters_through_the_edge() -> None:
    """From beyond the edge it meets the upright face, is refracted there and absorbed behind it."""
    edge = Edge(0.1e-3, "+x")
    parameters = nominal_parameters()
    scene = Scene(spots=(Spot(0.1e-3, 0.0),), edge=edge, tilt_rad=math.radians(45.0), azimuth_rad=math.pi)
    absorbed, missed, reflected, _ = light_on(scene, parameters)
    assert missed < 1e-6
    assert absorbed.sum() + reflected + missed == pytest.approx(1.0, rel=1e-12)
    # half of the beam enters the top, half the face, where it arrives at 45° too
    at_45 = fresnel(math.cos(math.radians(45.0)), parameters.refractive_index, parameters.extinction)
    assert reflected == pytest.approx(at_45, rel=1e-3)
    deep = absorbed[-1].sum(axis=0)
    assert deep[10:20].sum() > 0.01  # 50 to 100 µm down, at the face, where the top's light does not come
    outwards = light_on(
        Scene(spots=scene.spots, edge=edge, tilt_rad=scene.tilt_rad, azimuth_rad=0.0), parameters
    )
    assert outwards[1] > 0.4


def test_directions_obey_snell() -> None:
    parameters = nominal_parameters()
    scene = Scene(
        spots=(Spot(0.0, 0.0),),
        edge=Edge(1e-3, "-y"),
        tilt_rad=math.radians(35.0),
        azimuth_rad=math.radians(70.0),
    )
    aimed = aim(scene, 0, 2.0, parameters)
    n = parameters.refractive_index
    for ux, uy, uz in (
        (aimed.dx, aimed.dy, aimed.dz),
        (aimed.tissue_x, aimed.tissue_y, aimed.tissue_z),
        (aimed.side_x, aimed.side_y, aimed.side_z),
    ):
        assert ux * ux + uy * uy + uz * uz == pytest.approx(1.0)
    assert math.hypot(aimed.tissue_x, aimed.tissue_y) == pytest.approx(math.hypot(aimed.dx, aimed.dy) / n)
    # behind the edge at −y the light goes on towards +y, its components along the face over n
    assert aimed.side_y > 0.0
    assert math.hypot(aimed.side_x, aimed.side_z) == pytest.approx(math.hypot(aimed.dx, aimed.dz) / n)
