"""Pulse trains, and the settings that a clinician dials in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from milia.base import InputError, format_quantity
from milia.laser.beam import Profile, peak_factor

__all__ = ["PulseTrain", "Settings"]

# A few parts in 10^9 separate two spellings of one setting, never two settings.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class PulseTrain:
    """The energy over time at one spot.

    Parameters
    ----------
    pulse_energy_J
        Energy of each pulse at the skin [J].
    pulse_duration_s
        Length of each pulse [s].
    pulses
        Pulses of one pass, stacked on the spot [-].
    interval_s
        Time from the start of a pulse to the start of the next [s], at least the duration.
    passes
        Passes over the spot [-].
    wipe
        Whether the debris is wiped off between passes.
    shape
        Power over the pulse: ``flat``, or ``triangular`` (highest at the start, falling to zero).
    """

    pulse_energy_J: float
    pulse_duration_s: float
    pulses: int = 1
    interval_s: float = 0.1
    passes: int = 1
    wipe: bool = True
    shape: Literal["flat", "triangular"] = "flat"

    def __post_init__(self) -> None:
        _check_train(self, "train")
        if self.shape not in ("flat", "triangular"):
            raise InputError(
                "this pulse shape is not known",
                key="train.shape",
                value=self.shape,
                accepted="flat, triangular",
            )


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set on the device: one row of a therapeutic window.

    Parameters
    ----------
    pulse_energy_J, pulse_duration_s
        Energy and length of each pulse as the device displays them [J, s].
    spot_diameter_m
        Diameter of the spot [m], see `Beam`.
    pulses, interval_s, passes
        Stacked pulses, time from start to start [s], and passes.
    """

    pulse_energy_J: float
    pulse_duration_s: float
    spot_diameter_m: float
    pulses: int
    interval_s: float
    passes: int

    def __post_init__(self) -> None:
        _check_train(self, "settings")
        _positive("settings.spot_diameter", self.spot_diameter_m, "m")

    @property
    def fluence_J_cm2(self) -> float:
        """Mean fluence of one pulse over the spot [J/cm²]."""
        return self.pulse_energy_J / (math.pi * (50.0 * self.spot_diameter_m) ** 2)

    def peak_fluence_J_cm2(self, profile: Profile, order: float = 2.0) -> float:
        """Fluence of one pulse on the axis [J/cm²]."""
        return peak_factor(profile, order) * self.fluence_J_cm2

    @property
    def irradiance_kW_cm2(self) -> float:
        """Mean irradiance over the spot during the pulse [kW/cm²]."""
        return 1e-3 * self.fluence_J_cm2 / self.pulse_duration_s

    @property
    def power_W(self) -> float:
        """Power during the pulse [W]."""
        return self.pulse_energy_J / self.pulse_duration_s

    @property
    def average_power_W(self) -> float:
        """Power averaged over the interval [W]."""
        return self.pulse_energy_J / self.interval_s

    @property
    def repetition_Hz(self) -> float:
        """Pulses per second within a train [Hz]."""
        return 1.0 / self.interval_s

    def train(self, *, wipe: bool = True, shape: Literal["flat", "triangular"] = "flat") -> PulseTrain:
        """Give the pulse train of these settings."""
        return PulseTrain(
            pulse_energy_J=self.pulse_energy_J,
            pulse_duration_s=self.pulse_duration_s,
            pulses=self.pulses,
            interval_s=self.interval_s,
            passes=self.passes,
            wipe=wipe,
            shape=shape,
        )

    def to_dict(self) -> dict[str, float | int]:
        """Give the settings under their JSON keys, each in the unit its key names."""
        return {
            "pulse_energy_mJ": _tidy(1e3 * self.pulse_energy_J),
            "pulse_duration_us": _tidy(1e6 * self.pulse_duration_s),
            "spot_diameter_um": _tidy(1e6 * self.spot_diameter_m),
            "pulses": self.pulses,
            "interval_ms": _tidy(1e3 * self.interval_s),
            "passes": self.passes,
            "fluence_J_cm2": _tidy(self.fluence_J_cm2),
            "irradiance_kW_cm2": _tidy(self.irradiance_kW_cm2),
        }


def _tidy(value: float) -> float:
    # 1e6 * 1.2e-4 is 119.99999999999999; ten digits hold every setting and none of the noise.
    return float(f"{value:.10g}")


def _check_train(train: PulseTrain | Settings, key: str) -> None:
    _positive(f"{key}.pulse_energy", train.pulse_energy_J, "J")
    _positive(f"{key}.pulse_duration", train.pulse_duration_s, "s")
    _positive(f"{key}.interval", train.interval_s, "s")
    for name, count in (("pulses", train.pulses), ("passes", train.passes)):
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(
                "this is not a number of times",
                key=f"{key}.{name}",
                value=count,
                accepted="a whole number of 1 or more",
            )
    if train.interval_s < train.pulse_duration_s * (1.0 - SAME):
        raise InputError(
            "the next pulse would start before this one ends",
            key=f"{key}.interval",
            value=format_quantity(train.interval_s, "s"),
            accepted=f"at least the pulse duration, {format_quantity(train.pulse_duration_s, 's')}",
        )


def _positive(key: str, value: float, unit: str) -> None:
    if not (math.isfinite(value) and value > 0.0):
        raise InputError(
            "the value must be finite and above zero", key=key, value=value, accepted=f"more than 0 {unit}"
        )
