"""Pulse trains: chaining from a saved state, what never comes back, wiping, and what more energy does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from milia.engine import PLANNING, QUICK, State, march, nominal_parameters, start
from milia.laser import Profile
from milia.skin import Cyst

Shoot = Callable[..., Any]
PARAMETERS = nominal_parameters()


def same(a: State, b: State) -> bool:
    pairs = zip((*a.fields, a.ledger, a.active), (*b.fields, b.ledger, b.active), strict=True)
    return all(np.array_equal(left, right) for left, right in pairs)


def test_a_train_equals_its_pulses_fired_from_saved_states(shot: Shoot) -> None:
    """To the last bit: a copy of the state is all that a later pulse needs."""
    exposure = shot(energy_mJ=15.0, spot_um=200.0, pulses=3, interval_ms=20.0).exposure()
    beam, train = exposure.beam, exposure.train
    at_once = start(exposure, PARAMETERS)
    whole = march(at_once, beam, train, PARAMETERS)

    state = start(exposure, PARAMETERS)
    depths = []
    for left in (3, 2, 1):
        state = state.copy()
        before = state.copy()
        run = march(state, beam, replace(train, pulses=left), PARAMETERS, enough=lambda _: True)
        assert not same(before, state)
        depths.append(run.craters[-1].depth)
    assert same(state, at_once)
    assert depths == [crater.depth for crater in whole.craters]
    assert depths == sorted(set(depths))


def test_a_copy_is_independent(shot: Shoot) -> None:
    exposure = shot().exposure()
    state = start(exposure, PARAMETERS, rule=PLANNING)
    kept = state.copy()
    march(state, exposure.beam, exposure.train, PARAMETERS, accuracy=QUICK)
    assert kept.time_s == 0.0
    assert same(kept, start(exposure, PARAMETERS, rule=PLANNING))


def test_what_has_gone_stays_away(shot: Shoot) -> None:
    """Neither water nor decomposed matter nor removed cells come back, pulse after pulse."""
    exposure = shot(energy_mJ=8.0, spot_um=300.0, pulses=4, passes=2).exposure()
    state = start(exposure, PARAMETERS, rule=PLANNING)
    water, spent = state.fields.water.copy(), state.fields.spent.copy()
    top, surface = state.fields.top.copy(), state.fields.surface.copy()
    omega = state.fields.omega.copy()
    for left in (4, 3, 2, 1):
        single = replace(exposure.train, pulses=left, passes=1)
        march(state, exposure.beam, single, PARAMETERS, accuracy=QUICK, enough=lambda _: True)
        f = state.fields
        there = np.arange(water.shape[1])[None, :] >= f.top[:, None]
        assert np.all(f.water[there] <= water[there])
        assert np.all(f.spent[there] >= spent[there])
        assert np.all(f.top >= top)
        assert np.all(f.surface >= surface)
        assert np.all(f.omega >= omega)
        water, spent, omega = f.water.copy(), f.spent.copy(), f.omega.copy()
        top, surface = f.top.copy(), f.surface.copy()
    assert surface.max() > 0.0
    assert water.min() == 0.0


def test_longer_cooling_between_pulses_leaves_less_damage(shot: Shoot) -> None:
    """Heat adds up at high repetition (van Gemert et al. 1991)."""
    fast, slow = (
        shot(energy_mJ=6.0, spot_um=500.0, pulses=5, interval_ms=interval, rule=PLANNING).fire().craters[-1]
        for interval in (5.0, 200.0)
    )
    assert fast.harm_depth > 1.05 * slow.harm_depth


def broad(shot: Shoot, **changes: Any) -> Any:
    """A 7 J/cm² pass of a 3 mm top-hat on dermis, where one pass dries more than it removes."""
    made = shot(energy_mJ=500.0, spot_um=3000.0, profile=Profile.TOP_HAT, rule=PLANNING)
    return made.but(**changes)


def test_wiping_takes_the_dried_layer_off(shot: Shoot, dermis: Any) -> None:
    """Wiped passes go deeper; what is left damaged is alike (Ross et al. 1999: it is thinner)."""
    wiped, left = (broad(shot, tissue=dermis, passes=2, wipe=wipe).fire().craters for wipe in (True, False))
    assert wiped[0].depth == left[0].depth
    assert wiped[-1].depth > left[-1].depth + 3e-6
    assert wiped[-1].rtd_floor == pytest.approx(left[-1].rtd_floor, rel=0.1)


def test_a_wipe_needs_dried_tissue(shot: Shoot, dermis: Any) -> None:
    """A pass that boils nothing away leaves nothing to wipe."""
    crater = broad(shot, tissue=dermis, energy_mJ=50.0, passes=3).fire().craters[-1]
    assert crater.depth == 0.0


@pytest.mark.parametrize("spot", [120.0, 500.0])
def test_more_energy_goes_deeper(shot: Shoot, spot: float) -> None:
    energies = np.array([1.0, 2.0, 4.0, 8.0, 16.0]) * (spot / 120.0) ** 2 / 4.0
    craters = [
        shot(energy_mJ=energy, spot_um=spot, rule=PLANNING, accuracy=QUICK).fire().craters[-1]
        for energy in energies
    ]
    depths = [crater.depth for crater in craters]
    assert depths == sorted(depths)
    assert depths[-1] > depths[0]
    harms = [crater.harm_depth for crater in craters]
    assert harms == sorted(harms)


def test_a_thicker_roof_is_not_opened_wider(shot: Shoot) -> None:
    openings = []
    for roof_um in (40.0, 80.0, 120.0, 160.0, 260.0):
        cyst = Cyst(diameter_m=1e-3, roof_m=1e-6 * roof_um)
        crater = (
            shot(energy_mJ=20.0, spot_um=400.0, cyst=cyst, rule=PLANNING, accuracy=QUICK).fire().craters[-1]
        )
        openings.append(crater.opening(cyst))
    assert openings == sorted(openings, reverse=True)
    assert openings[0] > 200e-6
    assert openings[-1] == 0.0


def test_both_shapes_of_pulse_deliver_the_same_energy(shot: Shoot) -> None:
    flat, triangle = (shot(duration_ms=20.0, shape=shape).fire() for shape in ("flat", "triangular"))
    assert triangle.state.energy().incident == pytest.approx(flat.state.energy().incident, rel=1e-12)
    assert triangle.craters[-1].depth == pytest.approx(flat.craters[-1].depth, rel=0.15)
    assert triangle.craters[-1].depth != flat.craters[-1].depth
