"""The prior of the engine's uncertain parameters."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.calibration import (
    CELL_DEATH_SETS,
    UNCERTAIN,
    draw,
    draw_parameters,
    parameters_from,
    prior,
    prior_set,
    simulate,
    sobol,
)
from milia.engine import FROM_KNOWLEDGE, damage_set, nominal_parameters
from milia.knowledge import load_knowledge
from milia.skin import wavelength_key

WAVELENGTHS = (10.6e-6, 9.6e-6, 2.94e-6)
NAMES = (*UNCERTAIN, "cell_death")


@pytest.mark.parametrize("wavelength_m", WAVELENGTHS)
def test_prior_reaches_the_ends_of_what_is_documented(wavelength_m: float) -> None:
    marginals = {m.name: m for m in prior(wavelength_m)}
    assert tuple(marginals) == NAMES
    key = wavelength_key(wavelength_m)
    for name in UNCERTAIN:
        quantity = load_knowledge().quantity(FROM_KNOWLEDGE[name].format(w=key))
        assert marginals[name].evidence == quantity.id
        low, high = marginals[name].band
        inner = quantity.range_si
        assert low <= inner[0] * (1 + 1e-9 * np.sign(inner[0])), name
        assert high >= inner[1] * (1 - 1e-9 * np.sign(inner[1])), name
        assert low < high, f"{name} is called uncertain"


@given(st.lists(st.floats(1e-9, 1 - 1e-9), min_size=len(NAMES), max_size=len(NAMES)))
def test_boiling_ends_below_ablation_wherever_it_is_drawn(u: list[float]) -> None:
    (values,) = draw(prior(), np.array([u]))
    parameters = parameters_from(values, 10.6e-6)
    assert parameters.boil_start < parameters.boil_end <= parameters.ablation_temperature - 30.0
    parameters.phase(306.15)
    for name in UNCERTAIN:
        if name != "boil_end":
            assert getattr(parameters, name) == values[name]


def test_parameters_keep_what_is_not_uncertain() -> None:
    nominal = nominal_parameters(10.6e-6)
    (drawn,) = draw_parameters(1, seed=5)
    assert drawn.latent_heat == nominal.latent_heat
    assert drawn.boil_start == nominal.boil_start
    assert drawn.decomposition_heat != nominal.decomposition_heat


def test_damage_sets_are_equally_likely_and_published() -> None:
    believed = prior_set().marginals
    values = draw(believed, sobol(64, len(believed), seed=2))
    counts = Counter(parameters_from(v, 10.6e-6).cell_death for v in values)
    assert counts == dict.fromkeys(CELL_DEATH_SETS, 16)
    assert all(damage_set(name).evidence for name in CELL_DEATH_SETS)


def test_members_are_the_same_for_the_same_seed_only() -> None:
    assert draw_parameters(8, seed=1) == draw_parameters(8, seed=1)
    assert draw_parameters(8, seed=1) != draw_parameters(8, seed=2)


def test_uncertainty_of_an_exposure_is_drawn_anew_for_another_seed() -> None:
    exposure = {
        "tissue": {"site": "cheek"},
        "laser": {
            "wavelength": "10.6 um",
            "spot_diameter": "300 um",
            "profile": "gaussian",
            "pulse_energy": "20 mJ",
            "pulse_duration": "0.2 ms",
        },
        "initial_temperature": "33 degC",
        "uncertainty": 8,
    }
    one = simulate(exposure, seed=1).to_dict()
    depth = one["crater_depth_um"]
    assert depth["p05"] < depth["p50"] < depth["p95"]
    assert one == simulate(exposure, seed=1).to_dict()
    assert one != simulate(exposure, seed=2).to_dict()
