"""Shots that contradict each other are named, not averaged."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from milia.base import InputError
from milia.calibration.clinic.bench import compared, study_of
from milia.calibration.clinic.doubts import Implied, absurd, groups, lone, refuse_groups
from milia.calibration.clinic.fit import SCANNED, Scan
from milia.calibration.clinic.lesions import logistic
from milia.calibration.clinic.shots import read_shots
from milia.laser import device

HEADER = "row_id,tissue,in_ex_vivo,spot_diameter_um,pulse_duration_us,pulse_energy_mJ,n_pulses,interval_ms"
MEASURED = "measured_depth_um,measured_width_um,rtd_um,sd_um,depth_lo_um,depth_hi_um"
CO2 = device("generic-superpulse-co2")


def said(*shares: float, sd: float = 0.2) -> tuple[Implied, ...]:
    return tuple(Implied(f"{n}: depth", share, sd) for n, share in enumerate(shares))


def write(folder: Path, *lines: str) -> Path:
    path = folder / "shots.csv"
    path.write_text("\n".join([f"{HEADER},{MEASURED}", *lines]) + "\n", encoding="utf-8")
    return path


def row(name: str, *, energy: str = "40", depth: str = "283", pulses: str = "1", interval: str = "") -> str:
    return f"{name},pig skin,ex vivo,300,166.7,{energy},{pulses},{interval},{depth},,,,,"


def test_two_groups_are_found_and_each_is_named() -> None:
    shots = said(0.60, 0.62, 0.61, 1.21, 1.19, 1.22)
    found = groups(shots)
    assert found is not None
    assert [one.label for one in found[0]] == ["0: depth", "2: depth", "1: depth"]
    assert [one.label for one in found[1]] == ["4: depth", "3: depth", "5: depth"]


@pytest.mark.parametrize("count", [4, 8, 16])
def test_one_group_is_seldom_split(count: int) -> None:
    rng = np.random.default_rng(count)
    found = sum(groups(said(*np.exp(0.2 * rng.standard_normal(count)))) is not None for _ in range(300))
    assert found <= 12


def test_groups_are_refused_by_name(tmp_path: Path) -> None:
    file = read_shots(write(tmp_path, *[row(str(n)) for n in range(6)]), CO2)
    rows = compared(file, CO2, study_of(file, CO2, centre=1.0))
    with pytest.raises(InputError, match=r"shots 0, 2, 1 say 0\.61, shots 4, 3, 5 say 1\.21"):
        refuse_groups(said(0.60, 0.62, 0.61, 1.21, 1.19, 1.22), rows, file="shots.csv")


def test_a_lone_shot_is_named_with_what_it_says() -> None:
    (one,) = lone(said(0.80, 0.82, 0.78, 0.81, 2.4))
    assert one.label == "4: depth"
    assert "2.4" in one.why
    assert not lone(said(0.80, 0.82, 0.78, 0.81, 0.9))


def test_a_depth_of_5_mm_is_set_aside_with_a_word_on_its_unit(tmp_path: Path) -> None:
    file = read_shots(write(tmp_path, row("good"), row("deep", depth="5000"), row("mm", depth="2.8")), CO2)
    rows = compared(file, CO2, study_of(file, CO2, centre=1.0))
    curve = Scan(300e-6 * SCANNED**0.8)
    found = absurd(rows, (curve, curve, curve))
    assert [one.label for one in found] == ["deep: depth", "mm: depth"]
    assert "5000 µm measured" in found[0].why
    assert "2.8 µm measured" in found[1].why


def test_a_scan_is_inverted() -> None:
    curve = Scan(300e-6 * SCANNED**0.8)
    assert curve.log_effective(300e-6 * 0.5**0.8) == pytest.approx(math.log(0.5), abs=0.02)


def test_a_logistic_curve_comes_back() -> None:
    rng = np.random.default_rng(5)
    x = rng.uniform(-1.6, 1.6, 4000)
    hit = rng.uniform(size=4000) < 1.0 / (1.0 + np.exp(-(0.7 + 3.0 * x)))
    assert logistic(x, hit) == pytest.approx([0.7, 3.0], abs=0.25)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1,pig skin,ex vivo,300,166.7,41,1,,283,,,,,", "pulse_energy"),
        ("1,pig skin,ex vivo,310,166.7,40,1,,283,,,,,", "spot_diameter"),
        ("1,pig skin,ex vivo,300,,40,1,,283,,,,,", "pulse_duration_us"),
        ("1,pig skin,ex vivo,300,166.7,40,2,,283,,,,,", "interval_ms"),
        ("1,pig skin,ex vivo,300,166.7,40,1,,,,,,,", "nothing was measured"),
        ("1,pig skin,ex vivo,300,166.7,40,1,,-3,,,,,", "measured_depth_um: -3"),
        ("1,pig skin,ex vivo,300,166.7,40,1,,0.28 mm,,,,,", "measured_depth_um: 0.28 mm"),
        ("1,phantom,ex vivo,300,166.7,40,1,,283,,,,,", "tissue: phantom"),
        ("1,pig skin,cooked,300,166.7,40,1,,283,,,,,", "in_ex_vivo: cooked"),
        ("1,pig skin,ex vivo,300,166.7,40,1,,283,,,,300,200", "depth_hi_um: 200"),
    ],
)
def test_bad_lines_are_refused_by_name(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_shots(write(tmp_path, line), CO2)
    assert said in str(error.value)
    assert "line 2" in str(error.value)


def test_shots_are_read_in_si_and_left_out_by_name(tmp_path: Path) -> None:
    file = read_shots(
        write(tmp_path, row("a"), row("b", pulses="2", interval="500"), row("c")), CO2, leave_out=("c",)
    )
    assert [shot.name for shot in file.shots] == ["a", "b"]
    assert file.shots[1].settings.interval_s == pytest.approx(0.5)
    assert file.shots[0].values == {"depth": pytest.approx(283e-6)}
    assert file.left_out == ("c",)
    with pytest.raises(InputError, match="no shot has this name"):
        read_shots(write(tmp_path, row("a")), CO2, leave_out=("z",))
