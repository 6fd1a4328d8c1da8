"""Settings and drawn conditions become the exposure that was fired, craters the number that was measured."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from milia.calibration.experiments import Seen, exposure, observed, tissue_of
from milia.calibration.measurements import Study, read_measurements, read_studies, study

ROWS = {row.label: row for row in read_measurements()}


def centres(about: Study) -> dict[str, float]:
    return {m.name: m.centre for m in about.conditions} | {"energy": 1.0}


def test_energy_and_power_make_the_duration() -> None:
    row = ROWS["1.depth"]
    about = study(row.study)
    made = exposure(about, row.settings, centres(about) | {"peak_power": 0.8, "spot_factor": 1.1})
    assert made.train.pulse_duration_s == pytest.approx(0.05 / 0.8)
    assert made.train.pulse_energy_J == pytest.approx(0.05)
    assert made.beam.spot_diameter_m == pytest.approx(275e-6)


def test_what_is_lost_on_the_way_lowers_the_energy_not_the_duration() -> None:
    row = ROWS["1.depth"]
    about = study(row.study)
    full = exposure(about, row.settings, centres(about))
    less = exposure(about, row.settings, centres(about) | {"energy": 0.8})
    assert less.train.pulse_energy_J == pytest.approx(0.8 * full.train.pulse_energy_J)
    assert less.train.pulse_duration_s == full.train.pulse_duration_s


def test_a_fluence_is_the_mean_over_the_spot() -> None:
    row = ROWS["41.depth_over_epidermis"]
    about = study(row.study)
    made = exposure(about, row.settings, centres(about))
    area_cm2 = math.pi * (0.5 * 0.3385) ** 2
    assert made.train.pulse_energy_J == pytest.approx(2.4 * area_cm2)
    assert area_cm2 == pytest.approx(0.09, rel=1e-3)  # the square of 3 mm that was fired
    assert made.train.passes == 3


def test_irradiance_makes_duration_or_energy() -> None:
    walsh, scanned = study("walsh_1989_cw"), study("scanned_cw")
    made = exposure(walsh, (), centres(walsh) | {"irradiance": 4e8, "fluence": 1.5e6})
    assert made.train.pulse_duration_s == pytest.approx(1.5e6 / 4e8)
    made = exposure(scanned, (), centres(scanned) | {"irradiance": 1e8, "pulse_duration": 0.01})
    assert made.beam.mean_fluence(made.train.pulse_energy_J) == pytest.approx(1e6)


@pytest.mark.parametrize(("largest_mJ", "pulses"), [(400.0, 1), (190.0, 2), (100.0, 4)])
def test_a_channel_is_stacked_in_equal_pulses(largest_mJ: float, pulses: int) -> None:
    row = ROWS["32.depth"]
    about = study(row.study)
    known = centres(about) | {"largest_pulse": 1e-3 * largest_mJ, "peak_power": 60.0, "gap": 0.01}
    train = exposure(about, row.settings, known).train
    assert train.pulses == pulses
    assert train.pulses * train.pulse_energy_J == pytest.approx(0.38)
    assert train.interval_s == pytest.approx(train.pulse_duration_s + 0.01)


def test_every_simulated_row_makes_an_exposure() -> None:
    for row in ROWS.values():
        if row.role != "none":
            about = read_studies()[row.study]
            for shot in row.shots:
                made = exposure(about, shot, centres(about))
                assert made.tissue.depth_m == pytest.approx(8e-3)


def test_rat_epidermis_is_the_drawn_one_and_pig_fat_begins_where_drawn() -> None:
    rat = tissue_of("rat", {"epidermis": 30e-6})
    assert sum(layer.thickness_m for layer in rat.layers[:2]) == pytest.approx(30e-6)
    pig = tissue_of("pig", {"dermis": 2e-3})
    assert sum(layer.thickness_m for layer in pig.layers[:3]) == pytest.approx(2e-3)
    assert pig.layers[3].material == "fat"


def test_observables() -> None:
    seen = Seen(depth=1e-4, width=2e-4, rtd_floor=5e-5, volume=2e-12, energy=9e-3, peak_temperature=300.0)
    known = {"energy": 0.9, "epidermis": 2e-5, "fluence": 2e5}

    def of(observable: str, **more: float) -> float:
        return observed(replace(ROWS["1.depth"], observable=observable), seen, known, **more)

    assert of("depth") == 1e-4
    assert of("rtd_floor", damage=1.2) == pytest.approx(6e-5)
    assert of("total_depth", damage=1.2) == pytest.approx(1.6e-4)
    assert of("depth_over_epidermis") == pytest.approx(5.0)
    assert of("depth_per_fluence") == pytest.approx(5e-10)
    # 10 mJ were stated, 9 arrived; whoever measured divides by what was stated
    assert of("heat_of_ablation") == pytest.approx(1e-2 / 2e-12)
