"""Pulse trains and settings."""

from __future__ import annotations

import pytest

from milia.base import InputError
from milia.laser import Profile, PulseTrain, Settings


def settings(**change: object) -> Settings:
    made = {
        "pulse_energy_J": 0.02,
        "pulse_duration_s": 250e-6,
        "spot_diameter_m": 200e-6,
        "pulses": 3,
        "interval_s": 0.05,
        "passes": 2,
    }
    return Settings(**{**made, **change})  # type: ignore[arg-type]


def test_derived_quantities() -> None:
    made = settings()
    # 20 mJ on a disc of 0.02 cm diameter: 0.02 / 3.14159e-4.
    assert made.fluence_J_cm2 == pytest.approx(63.66197724, rel=1e-9)
    assert made.peak_fluence_J_cm2(Profile.GAUSSIAN) == pytest.approx(127.3239545, rel=1e-9)
    assert made.peak_fluence_J_cm2(Profile.TOP_HAT) == made.fluence_J_cm2
    assert made.irradiance_kW_cm2 == pytest.approx(254.6479089, rel=1e-9)
    assert made.power_W == pytest.approx(80.0)
    assert made.average_power_W == pytest.approx(0.4)
    assert made.repetition_Hz == pytest.approx(20.0)


def test_json_keys_and_units() -> None:
    assert settings(spot_diameter_m=120e-6).to_dict() == {
        "pulse_energy_mJ": 20.0,
        "pulse_duration_us": 250.0,
        "spot_diameter_um": 120.0,
        "pulses": 3,
        "interval_ms": 50.0,
        "passes": 2,
        "fluence_J_cm2": pytest.approx(176.8388257, rel=1e-9),
        "irradiance_kW_cm2": pytest.approx(707.3553026, rel=1e-9),
    }


def test_json_is_free_of_rounding_noise() -> None:
    assert settings(spot_diameter_m=120e-6).to_dict()["spot_diameter_um"] == 120.0
    assert repr(settings(pulse_energy_J=0.035).to_dict()["pulse_energy_mJ"]) == "35.0"


def test_the_train_of_settings() -> None:
    assert settings().train(wipe=False) == PulseTrain(
        pulse_energy_J=0.02, pulse_duration_s=250e-6, pulses=3, interval_s=0.05, passes=2, wipe=False
    )


@pytest.mark.parametrize(
    ("change", "key", "problem"),
    [
        ({"interval_s": 200e-6}, "interval", "before this one ends"),
        ({"pulse_energy_J": 0.0}, "pulse_energy", "above zero"),
        ({"pulse_energy_J": float("nan")}, "pulse_energy", "finite"),
        ({"pulse_duration_s": -1.0}, "pulse_duration", "above zero"),
        ({"pulse_duration_s": float("inf")}, "pulse_duration", "finite"),
        ({"pulses": 0}, "pulses", "not a number of times"),
        ({"pulses": 1.5}, "pulses", "not a number of times"),
        ({"passes": True}, "passes", "not a number of times"),
    ],
)
def test_impossible_trains(change: dict[str, object], key: str, problem: str) -> None:
    with pytest.raises(InputError, match=f"settings.{key}.*{problem}"):
        settings(**change)
    train = {"pulse_energy_J": 0.02, "pulse_duration_s": 250e-6, **change}
    with pytest.raises(InputError, match=f"train.{key}.*{problem}"):
        PulseTrain(**train)  # type: ignore[arg-type]


def test_an_interval_as_long_as_the_pulse_is_continuous() -> None:
    settings(interval_s=250e-6)


def test_unknown_shape() -> None:
    with pytest.raises(InputError, match="flat, triangular"):
        PulseTrain(pulse_energy_J=0.02, pulse_duration_s=250e-6, shape="round")  # type: ignore[arg-type]
