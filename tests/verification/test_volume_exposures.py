"""Whole exposures in three dimensions: against the axisymmetric engine, each other, and their energy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.engine import FINE, QUICK, Accuracy, Exposure, Run, march, nominal_parameters, start
from milia.engine.volume.grid import COARSE, VOLUME, VolumeRule
from milia.engine.volume.scene import Edge, PlacedCyst, Scene, Spot, grid_of_spots
from milia.engine.volume.solver import VolumeRun, march_volume, start_volume
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Cyst, site, tissue_at

PARAMETERS = nominal_parameters()
CYST = Cyst(diameter_m=0.6e-3, roof_m=60e-6)
Shoot = Callable[..., Any]


def exposure(energy_mJ: float, spot_um: float = 120.0, **train: Any) -> Exposure:
    settings_ = {"pulse_duration_s": 1e-3, "interval_s": 20e-3, **train}
    return Exposure(
        tissue_at(site("cheek")),
        Beam(spot_diameter_m=1e-6 * spot_um),
        PulseTrain(pulse_energy_J=1e-3 * energy_mJ, **settings_),
        306.15,
    )


def solid(
    exposed: Exposure,
    scene: Scene | None = None,
    *,
    rule: VolumeRule = COARSE,
    quick: bool = True,
    **how: Any,
) -> VolumeRun:
    scene = scene or Scene()
    state = start_volume(exposed, scene, PARAMETERS, rule=rule)
    how.setdefault("accuracy", QUICK if quick else None)
    return march_volume(state, scene, exposed.beam, exposed.train, PARAMETERS, **how)


@cache
def flat(energy_mJ: float, spot_um: float, **train: Any) -> Run:
    """The same about an axis, on rings fine enough that they differ from finer ones by less than is asked."""
    exposed = exposure(energy_mJ, spot_um, **train)
    state = start(exposed, PARAMETERS, rule=replace(FINE, cells_per_radius=30))
    return march(state, exposed.beam, exposed.train, PARAMETERS)


def half_a_row(run: VolumeRun, depth: float) -> float:
    """What the place of a floor within its cell is known to."""
    grid = run.state.grid
    return 0.5 * float(grid.dz[max(int(np.searchsorted(grid.z, depth)) - 1, 0)])


@pytest.mark.parametrize(
    ("energy_mJ", "duration_ms", "spot_um"), [(0.1, 0.2, 120.0), (3.0, 1.0, 120.0), (9.0, 0.9, 200.0)]
)
def test_a_centred_spot_is_the_axisymmetric_one(energy_mJ: float, duration_ms: float, spot_um: float) -> None:
    """At default grid and steps: within 1 %, or half a row or column for damage beside floor or wall."""
    train = {"pulse_duration_s": 1e-3 * duration_ms}
    about_an_axis = flat(energy_mJ, spot_um, **train)
    found = solid(exposure(energy_mJ, spot_um, **train), rule=VOLUME, quick=False)
    crater, (spot,) = about_an_axis.craters[-1], found.wound.spots
    column = 0.5 * 0.5e-6 * spot_um / VOLUME.cells_per_radius
    assert found.peak_degC == pytest.approx(about_an_axis.peak_degC, rel=0.01)
    assert spot.harm_depth == pytest.approx(crater.harm_depth, rel=0.01)
    assert spot.depth == pytest.approx(crater.depth, rel=0.01)
    assert spot.width == pytest.approx(crater.width, rel=0.01)
    assert spot.rtd_floor == pytest.approx(crater.rtd_floor, rel=0.01, abs=half_a_row(found, crater.depth))
    assert spot.rtd_wall == pytest.approx(crater.rtd_wall, rel=0.01, abs=column)
    assert spot.long == pytest.approx(spot.short, rel=1e-3)
    energy, flat_energy = found.state.energy(), about_an_axis.state.energy()
    assert abs(energy.imbalance) < 1e-12
    for name, allowed in (("incident", 1e-12), ("reflected", 0.01), ("plume", 0.02), ("steam", 0.01)):
        assert getattr(energy, name) == pytest.approx(getattr(flat_energy, name), rel=allowed), name


def test_stacked_pulses_with_a_cyst_and_a_wiped_pass() -> None:
    """The roof is opened as wide as about the axis, after two passes of two pulses."""
    train = {"pulses": 2, "passes": 2}
    exposed = exposure(3.0, 200.0, **train)
    about = replace(exposed, tissue=tissue_at(site("cheek"), cyst=CYST))
    wanted = march(start(about, PARAMETERS), about.beam, about.train, PARAMETERS).craters
    found = solid(exposed, Scene(lesions=(PlacedCyst(CYST),)), rule=replace(VOLUME, cells_per_radius=10.0))
    assert [look.depth for look in found.looks] == pytest.approx([c.depth for c in wanted], rel=0.03)
    (lesion,) = found.wound.lesions
    assert lesion.opening == pytest.approx(wanted[-1].opening(CYST), rel=0.03)
    assert lesion.lateral_damage == 0.0


def test_two_spots_far_apart_are_twice_one() -> None:
    train = {"pulse_duration_s": 0.2e-3, "interval_s": 5e-3}
    one = solid(exposure(1.0, **train))
    two = solid(exposure(1.0, **train), Scene(spots=(Spot(-1e-3, 0.0), Spot(1e-3, 0.0))))
    (alone,) = one.wound.spots
    for spot in two.wound.spots:
        assert spot.depth == pytest.approx(alone.depth, rel=5e-3)
        assert spot.width == pytest.approx(alone.width, rel=5e-3)
        assert spot.harm_depth == pytest.approx(alone.harm_depth, rel=5e-3)
    single, double = one.state.energy(), two.state.energy()
    for name in ("incident", "reflected", "plume", "removed", "steam"):
        assert getattr(double, name) == pytest.approx(2.0 * getattr(single, name), rel=5e-3), name
    assert two.wound.removed_volume == pytest.approx(2.0 * one.wound.removed_volume, rel=5e-3)


def test_neighbours_warm_each_other() -> None:
    """Below ablation, damage is deeper under the second of two shots close together."""
    train = {"pulse_duration_s": 0.2e-3, "interval_s": 1e-3}
    alone = solid(exposure(0.12, **train))
    pair = solid(exposure(0.12, **train), Scene(spots=grid_of_spots(2, 1, 60e-6)))
    (single,), (first, second) = alone.wound.spots, pair.wound.spots
    assert single.depth == second.depth == 0.0
    assert single.harm_depth > 20e-6
    assert second.harm_depth > 1.03 * single.harm_depth
    assert second.harm_depth > first.harm_depth > 0.999 * single.harm_depth
    assert pair.peak_degC >= alone.peak_degC


def test_a_small_tilt_is_no_tilt() -> None:
    exposed = exposure(1.0, pulse_duration_s=0.2e-3)
    straight = solid(exposed, rule=VOLUME, quick=False)
    tilted = solid(exposed, Scene(tilt_rad=1e-4), rule=VOLUME, quick=False)
    (a,), (b,) = straight.wound.spots, tilted.wound.spots
    assert b.depth == pytest.approx(a.depth, abs=half_a_row(straight, a.depth))
    assert b.width == pytest.approx(a.width, rel=0.01)
    assert b.harm_depth == pytest.approx(a.harm_depth, rel=0.01)
    assert tilted.peak_degC == pytest.approx(straight.peak_degC, rel=0.02)


def test_a_tilted_spot_is_an_ellipse() -> None:
    """Longer along its azimuth, shallower, and the same whichever way it points."""
    train = {"pulse_duration_s": 0.2e-3}
    straight = solid(exposure(1.0, **train)).wound.spots[0]
    ways = [
        solid(exposure(1.0, **train), Scene(tilt_rad=math.radians(40.0), azimuth_rad=math.radians(azimuth)))
        for azimuth in (0.0, 90.0, 180.0)
    ]
    tilted = ways[0].wound.spots[0]
    assert tilted.long > 1.1 * tilted.short
    assert tilted.depth < 0.95 * straight.depth
    for other in ways[1:]:
        spot = other.wound.spots[0]
        assert spot.depth == pytest.approx(tilted.depth, rel=5e-3)
        assert spot.harm_depth == pytest.approx(tilted.harm_depth, rel=5e-3)
        assert spot.long == pytest.approx(tilted.long, rel=5e-3)
    surface = ways[0].wound.surface
    assert np.abs(surface - ways[2].wound.surface[::-1]).max() < 0.5e-6
    assert np.abs(surface - ways[1].wound.surface.T).max() < 0.5e-6


def test_grid_and_steps_hardly_matter() -> None:
    """Steps, columns and rows halved."""
    exposed = exposure(1.0, pulse_duration_s=0.2e-3)
    usual = solid(exposed, rule=VOLUME, quick=False).wound.spots[0]
    columns = replace(VOLUME, cells_per_radius=24.0, margin=0.6e-3)
    rows = replace(VOLUME, depth=replace(FINE, fine_z=1.5e-6, coarse_z=2.5e-6, relative_z=0.0035))
    for other in (
        solid(exposed, rule=VOLUME, accuracy=Accuracy().finer()),
        solid(exposed, rule=columns, quick=False),
        solid(exposed, rule=rows, quick=False),
    ):
        spot = other.wound.spots[0]
        assert spot.depth == pytest.approx(usual.depth, rel=0.02)
        assert spot.width == pytest.approx(usual.width, rel=0.02)
        assert spot.harm_depth == pytest.approx(usual.harm_depth, rel=0.02)
        assert spot.rtd_floor == pytest.approx(usual.rtd_floor, rel=0.02)


def test_threads_and_saved_states_change_no_bit() -> None:
    """A scanned pattern of four, by one thread and two, at once and shot by shot from saved states."""
    exposed = exposure(1.0, pulse_duration_s=0.2e-3, interval_s=2e-3)
    scene = Scene(spots=grid_of_spots(2, 2, 150e-6, order="interleaved"))
    once, twice = (solid(exposed, scene, threads=threads) for threads in (1, 2))
    state = start_volume(exposed, scene, PARAMETERS, rule=COARSE)
    for shot in range(4):
        state = state.copy()
        march_volume(
            state, scene, exposed.beam, exposed.train, PARAMETERS, accuracy=QUICK, first=shot, last=shot + 1
        )
    for other in (twice.state, state):
        assert np.array_equal(once.state.fields.e, other.fields.e)
        assert np.array_equal(once.state.fields.omega, other.fields.omega)
        assert np.array_equal(once.state.ledger, other.ledger)
    assert len({look.spot for look in once.looks}) == 4
    # interleaved: the second shot lies across the diagonal
    assert scene.spots[1].x_m != scene.spots[0].x_m
    assert scene.spots[1].y_m != scene.spots[0].y_m


def test_two_neighbouring_cysts() -> None:
    """A shot on one opens it alone; the mirrored shot opens the other just as wide; a shot beside it less."""
    cysts = (PlacedCyst(CYST, -0.32e-3, 0.0), PlacedCyst(CYST, 0.32e-3, 0.0))
    exposed = exposure(3.0, 200.0, pulse_duration_s=0.3e-3)
    left, right, beside = (
        solid(exposed, Scene(spots=(Spot(x_m, 0.0),), lesions=cysts)).wound
        for x_m in (-0.32e-3, 0.32e-3, 0.4e-3)
    )
    assert left.lesions[0].opening > 50e-6
    assert left.lesions[1].opening == 0.0
    # the grid around a spot that is off the middle is no mirror image to rounding far away
    assert np.abs(left.surface - right.surface[::-1]).max() < 2e-6
    assert right.lesions[1].opening == pytest.approx(left.lesions[0].opening, rel=0.01)
    assert right.lesions[0].opening == 0.0
    assert 0.0 < beside.lesions[1].opening < 0.9 * right.lesions[1].opening
    # the cyst's roof is thicker there, and what lies under the spot is no deeper
    assert beside.depth == pytest.approx(right.depth, rel=0.1)


def test_waiting_for_the_rest_costs_no_accuracy() -> None:
    """Patch and rest with steps of their own, against everything in short steps."""
    scene = Scene(spots=grid_of_spots(2, 1, 250e-6))
    exposed = exposure(1.0, pulse_duration_s=0.2e-3, interval_s=5e-3)
    both = [solid(exposed, scene, multirate=multirate) for multirate in (True, False)]
    for a, b in zip(*(run.wound.spots for run in both), strict=True):
        assert a.depth == pytest.approx(b.depth, rel=5e-3)
        assert a.harm_depth == pytest.approx(b.harm_depth, rel=5e-3)
    assert both[0].state.energy().lost == pytest.approx(both[1].state.energy().lost, rel=0.02)


def test_an_edge_keeps_heat_in_and_light_out() -> None:
    """Near a free edge damage reaches further; what misses is booked; far away nothing changes."""
    train = {"pulse_duration_s": 0.2e-3}
    whole = solid(exposure(1.0, **train))
    far, near = (
        solid(exposure(1.0, **train), Scene(edge=Edge(distance, "+x"))) for distance in (1.5e-3, 60e-6)
    )
    assert far.wound.spots[0].depth == pytest.approx(whole.wound.spots[0].depth, rel=5e-3)
    assert far.state.energy().missed == 0.0
    assert far.wound.edge_clearance == pytest.approx(1.5e-3 - 0.5 * whole.wound.spots[0].width, abs=60e-6)
    assert near.state.energy().missed == pytest.approx(1e-3 * 0.5 * math.erfc(math.sqrt(2.0)), rel=0.05)
    assert near.wound.edge_clearance is not None
    assert near.wound.edge_clearance < 20e-6


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    energy_mJ=st.floats(0.1, 3.0),
    duration_ms=st.floats(0.1, 3.0),
    pulses=st.integers(1, 2),
    shape=st.sampled_from(["flat", "triangular"]),
    profile=st.sampled_from(Profile),
    spots=st.sampled_from([(1, 1), (2, 1)]),
    tilt=st.sampled_from([0.0, 25.0]),
    azimuth=st.floats(-180.0, 180.0),
    cyst=st.booleans(),
    edge_um=st.none() | st.floats(-40.0, 300.0),
    side=st.sampled_from(["+x", "-x", "+y", "-y"]),
)
def test_every_joule_is_somewhere(
    energy_mJ: float,
    duration_ms: float,
    pulses: int,
    shape: Any,
    profile: Profile,
    spots: tuple[int, int],
    tilt: float,
    azimuth: float,
    cyst: bool,
    edge_um: float | None,
    side: str,
) -> None:
    exposed = exposure(energy_mJ, pulse_duration_s=1e-3 * duration_ms, pulses=pulses, shape=shape)
    exposed = replace(exposed, beam=replace(exposed.beam, profile=profile, order=6.0))
    place = 0.0 if edge_um is None else 1e-6 * (80.0 - edge_um)
    scene = Scene(
        spots=grid_of_spots(*spots, 120e-6, x_m=0.0 if edge_um is None else min(place, 0.0)),
        tilt_rad=math.radians(tilt),
        azimuth_rad=math.radians(azimuth),
        lesions=(PlacedCyst(CYST, -0.5e-3, 0.2e-3),) if cyst else (),
        edge=None if edge_um is None else Edge(80e-6, side),
    )
    run = solid(exposed, scene, rule=replace(COARSE, cells_per_radius=6.0))
    ledger, fields = run.state.energy(), run.state.fields
    assert abs(ledger.imbalance) < 1e-12
    shots = len(scene.spots) * pulses
    assert ledger.incident == pytest.approx(1e-3 * energy_mJ * shots, rel=1e-9)
    for name in ("missed", "reflected", "plume", "removed", "steam", "lost", "stored"):
        assert getattr(ledger, name) >= -1e-12 * ledger.incident, name
    here = run.state.present()
    assert np.all(fields.water[here] >= 0.0)
    assert np.all(fields.water[here] <= run.state.matter.water_0[here])
    assert np.all(fields.rise[here] > -1e-6)
    assert np.all((fields.spent >= 0.0) & (fields.spent <= 1.0))
    assert np.all(fields.e[~here] == 0.0)
