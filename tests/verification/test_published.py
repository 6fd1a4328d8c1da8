"""Orders of magnitude that a sound model must not miss, at central parameters that were not fitted to them.

Ranges come from the knowledge base; wide where the conditions of the study were not readable.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from milia.knowledge import load_knowledge
from milia.laser import Profile

Shoot = Callable[..., Any]


@pytest.mark.parametrize("pulses", [1, 3])
def test_damage_under_a_focused_pulsed_beam(shot: Shoot, dermis: Any, pulses: int) -> None:
    """Green et al. 1992: 85 ± 15 µm in mid-dermis, after many pulses."""
    known = load_knowledge().quantity("residual_damage.pulsed.green_1992")
    run = shot(
        energy_mJ=30.0, spot_um=300.0, duration_ms=0.25, pulses=pulses, interval_ms=200.0, tissue=dermis
    )
    floor = run.fire().craters[-1].rtd_floor
    assert known.si / 1.5 <= floor <= known.si * 1.5


def test_erbium_damages_less_and_per_fluence_removes_the_right_order(shot: Shoot, dermis: Any) -> None:
    """Walsh et al. 1989: 10 to 50 µm with 200 µs pulses; measured depth is about 6 µm per J/cm².

    The engine knows no ejection of liquid water before it boils, which is what makes Er:YAG cheap; at
    central parameters it removes a third of the measured depth.
    """
    knowledge = load_knowledge()
    depths = []
    for fluence in (20.0, 50.0):
        energy = 1e3 * fluence * 1e4 * math.pi * (0.5e-3) ** 2
        made = shot(
            energy_mJ=energy,
            spot_um=1000.0,
            duration_ms=0.2,
            wavelength_um=2.94,
            profile=Profile.TOP_HAT,
            tissue=dermis,
        )
        crater = made.fire().craters[-1]
        depths.append(crater.depth)
        low, high = 10e-6, 50e-6
        assert low <= crater.rtd_floor <= high
    measured = knowledge.quantity("ablation.er_yag.depth_per_fluence")
    slope = (depths[1] - depths[0]) / (30.0 * 1e4)
    assert measured.si / 4.0 <= slope <= measured.si


def test_the_continuous_threshold_lies_above_the_ideal_one(shot: Shoot) -> None:
    """2.4 and 3.9 J/cm² of 100 µs leave the epidermis in place (Choi et al. 1998)."""
    for fluence in (2.4, 3.9):
        energy = 1e3 * fluence * 1e4 * math.pi * (1.5e-3) ** 2
        made = shot(
            energy_mJ=energy, spot_um=3000.0, duration_ms=0.1, profile=Profile.TOP_HAT, interval_ms=1000.0
        )
        assert made.fire().craters[-1].depth < 5e-6
