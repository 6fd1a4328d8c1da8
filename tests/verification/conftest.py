"""What the verification problems share: exposures at central parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from milia.engine import FINE, Accuracy, Exposure, GridRule, Parameters, Run, march, nominal_parameters, start
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Cyst, Layer, Tissue, site, tissue_at

DERMIS = Tissue(layers=(Layer("dermis", 3e-3),), cyst=None, evidence=())


@dataclass(frozen=True)
class Shot:
    """An exposure in the units of a clinic, and how finely to simulate it."""

    energy_mJ: float = 10.0
    spot_um: float = 120.0
    duration_ms: float = 1.0
    pulses: int = 1
    passes: int = 1
    interval_ms: float = 100.0
    profile: Profile = Profile.GAUSSIAN
    wavelength_um: float = 10.6
    wipe: bool = True
    shape: str = "flat"
    cyst: Cyst | None = None
    tissue: Tissue | None = None
    rule: GridRule = FINE
    accuracy: Accuracy | None = None

    def exposure(self) -> Exposure:
        train = PulseTrain(
            pulse_energy_J=1e-3 * self.energy_mJ,
            pulse_duration_s=1e-3 * self.duration_ms,
            pulses=self.pulses,
            interval_s=1e-3 * self.interval_ms,
            passes=self.passes,
            wipe=self.wipe,
            shape="triangular" if self.shape == "triangular" else "flat",
        )
        beam = Beam(
            wavelength_m=1e-6 * self.wavelength_um,
            spot_diameter_m=1e-6 * self.spot_um,
            profile=self.profile,
            order=8.0 if self.profile is Profile.SUPER_GAUSSIAN else 2.0,
        )
        tissue = self.tissue or tissue_at(site("cheek"), cyst=self.cyst)
        return Exposure(tissue, beam, train, 306.15)

    def fire(self, parameters: Parameters | None = None) -> Run:
        exposure = self.exposure()
        parameters = parameters or nominal_parameters(exposure.beam.wavelength_m)
        state = start(exposure, parameters, rule=self.rule)
        return march(state, exposure.beam, exposure.train, parameters, accuracy=self.accuracy)

    def but(self, **changes: object) -> Shot:
        return replace(self, **changes)


@pytest.fixture
def shot() -> Callable[..., Shot]:
    """Return the exposure class, so that tests say only what they change."""
    return Shot


@pytest.fixture
def dermis() -> Tissue:
    return DERMIS
