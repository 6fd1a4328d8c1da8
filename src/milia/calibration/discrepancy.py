"""Carry what the engine misses into a prediction: a factor on the energy, and one on thermal damage.

Calibration infers how far studies scatter about the engine; these two factors are that scatter, so that a
plan is as uncertain as the validation found predictions of unseen studies to be.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from milia.engine import Crater, ExposureSpec


def with_damage(crater: Crater, factor: float) -> Crater:
    """Return a crater whose thermal damage, below and beside what is removed, is ``factor`` as thick."""
    if factor == 1.0:
        return crater
    below = np.maximum(crater.harm - crater.surface, 0.0)
    harm = np.where(crater.harm > crater.surface, crater.surface + factor * below, crater.harm)
    return replace(
        crater,
        harm=harm,
        rtd_floor=factor * crater.rtd_floor,
        rtd_wall=factor * crater.rtd_wall,
        harm_depth=float(harm.max()),
        wound_width=crater.width + factor * max(crater.wound_width - crater.width, 0.0),
    )


def with_energy(spec: ExposureSpec, factor: float) -> ExposureSpec:
    """Return an exposure whose pulses carry ``factor`` times the energy."""
    return replace(spec, train=replace(spec.train, pulse_energy_J=factor * spec.train.pulse_energy_J))
