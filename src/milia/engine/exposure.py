"""One exposure: which tissue, which beam, which pulses, from which temperature."""

from __future__ import annotations

from dataclasses import dataclass

from milia.laser import Beam, PulseTrain
from milia.skin import Tissue


@dataclass(frozen=True)
class Exposure:
    """What the engine simulates; ``water_scale`` multiplies the living layers' water fraction."""

    tissue: Tissue
    beam: Beam
    train: PulseTrain
    initial_K: float
    water_scale: float = 1.0
