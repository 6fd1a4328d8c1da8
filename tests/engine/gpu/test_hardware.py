"""Ten thousand exposures on a real card, a sample of them beside the processor."""

from __future__ import annotations

import numpy as np
import pytest

from milia.base import MiliaError
from milia.engine import Exposure, Member, Parameters, find_card, nominal_parameters, run_ensemble
from milia.laser import Beam, PulseTrain
from milia.skin import Cyst, site, tissue_at

MEMBERS = 10_000
SAMPLE = 48
NUMBERS = ("depth", "width", "rtd_floor", "harm_depth", "wound_width", "removed_volume")


@pytest.fixture(autouse=True)
def _needs_a_card() -> None:
    try:
        card = find_card()
    except MiliaError as error:
        pytest.skip(f"NOTHING RAN ON A GPU: {error}")
    if "simulator" in card.name:
        pytest.skip("NOTHING RAN ON A GPU: this is numba's CUDA simulator")


def milia(count: int) -> tuple[list[Exposure], list[Parameters]]:
    """Drawn roofs, energies and heats of decomposition."""
    draw = np.random.default_rng(20)
    nominal = nominal_parameters()
    exposures, each = [], []
    for roof, energy, heat in draw.uniform((50e-6, 20e-3, 1e9), (150e-6, 80e-3, 4e9), (count, 3)):
        train = PulseTrain(pulse_energy_J=energy, pulse_duration_s=1e-3)
        tissue = tissue_at(site("cheek"), cyst=Cyst(diameter_m=1e-3, roof_m=roof))
        exposures.append(Exposure(tissue, Beam(spot_diameter_m=400e-6), train, 306.15))
        each.append(nominal.with_values({"decomposition_heat": heat}))
    return exposures, each


def numbers(members: tuple[Member, ...]) -> np.ndarray:
    return np.array([[getattr(member.craters[-1], name) for name in NUMBERS] for member in members])


def test_ten_thousand_exposures_in_one_call() -> None:
    exposures, each = milia(MEMBERS)
    card = run_ensemble(exposures, each, device="gpu")
    again = run_ensemble(exposures, each, device="gpu")
    assert card.device == "gpu"
    found = numbers(card.members)
    assert np.array_equal(found, numbers(again.members))
    picked = np.linspace(0, MEMBERS - 1, SAMPLE, dtype=int)
    sample, own = [exposures[n] for n in picked], [each[n] for n in picked]
    here = numbers(run_ensemble(sample, own, device="cpu").members)
    # A member in twenty stands where one rounding decides whether a cell leaves a step sooner, on the
    # processor alone as well; it may differ by a cell. The others agree to nine digits.
    apart = np.abs(found[picked] / here - 1.0, where=here > 1e-6, out=np.zeros_like(here)).max(axis=1)
    assert np.quantile(apart, 0.5) < 1e-9
    assert np.quantile(apart, 0.8) < 1e-3
    assert np.abs(found[picked].mean(axis=0) / here.mean(axis=0) - 1.0).max() < 5e-3
