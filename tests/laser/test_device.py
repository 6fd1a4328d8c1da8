"""The device library, and a user's own device file."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from milia.base import InputError
from milia.knowledge import load_knowledge
from milia.laser import Device, Profile, Settings, device, device_from_mapping, devices, load_device

OWN: dict[str, Any] = {
    "name": "clinic-co2",
    "title": "CO2 laser of room 2",
    "kind": "superpulse",
    "wavelength": "10.6 um",
    "profile": "gaussian",
    "m2": "1.2",
    "spot_diameters": ["125 um", "0.3 mm"],
    "pulses": {"mode": "energies", "peak_power": "100 W", "energies": ["5 mJ", "10 mJ", "20 mJ"]},
    "intervals": ["10 ms", "100 ms"],
    "pulses_max": 5,
    "passes_max": 2,
    "average_power_max": "1 W",
    "delivered_fraction": "0.9 ± 0.1",
    "energy_spread": "5 %",
    "focus_offset": "0 mm ± 0.5 mm",
    "source": "panel of the device, read on site",
    "flag": "read",
    "note": "steps as the panel shows them",
}


def changed(**change: object) -> dict[str, Any]:
    made = {**copy.deepcopy(OWN), **change}
    return {key: value for key, value in made.items() if value is not None}


def test_library_names() -> None:
    names = [known.name for known in devices()]
    assert names == [
        "generic-continuous-co2",
        "generic-er-yag",
        "generic-scanned-co2",
        "generic-superpulse-co2",
    ]


@pytest.mark.parametrize("made", devices(), ids=lambda made: made.name)
def test_library_says_that_its_numbers_are_defaults(made: Device) -> None:
    assert made.flag == "default"
    assert made.note
    knowledge = load_knowledge()
    assert [source.id for source in knowledge.references(made.evidence)] == ["milia_default"]
    assert {knowledge.entry(id).flag for id in made.evidence} == {"default"}
    for uncertain in (made.delivered_fraction, made.energy_spread, made.focus_offset):
        assert uncertain.quantity_id in made.evidence
        assert uncertain.low < uncertain.value < uncertain.high


@pytest.mark.parametrize("made", devices(), ids=lambda made: made.name)
def test_every_library_setting_keeps_the_limits(made: Device) -> None:
    assert made.average_power_max_W is not None
    for (energy, duration), interval in itertools.product(made.deliverable(), made.interval_s):
        allowed = interval in made.intervals_for(energy, duration)
        keeps = interval >= duration * (1 - 1e-9) and energy / interval <= made.average_power_max_W * (
            1 + 1e-9
        )
        assert allowed == keeps
    for energy, duration in made.deliverable():
        assert made.intervals_for(energy, duration), "every pulse can be repeated"


@pytest.mark.parametrize("made", devices(), ids=lambda made: made.name)
def test_every_library_setting_passes_the_check(made: Device) -> None:
    for (energy, duration), spot in itertools.product(made.deliverable(), made.spot_diameters_m):
        step = made.intervals_for(energy, duration)[0]
        chosen = Settings(energy, duration, spot, made.pulses_max, step, made.passes_max)
        made.check(chosen)
        assert made.nearest(chosen) == chosen


def test_superpulse_library_device() -> None:
    made = device("generic-superpulse-co2")
    assert made.spot_diameters_m == (
        120e-6,
        200e-6,
        300e-6,
        400e-6,
        500e-6,
        600e-6,
        800e-6,
        1e-3,
        1.5e-3,
        2e-3,
    )
    energies = [energy for energy, _ in made.deliverable()]
    durations = [duration for _, duration in made.deliverable()]
    assert (min(energies), max(energies)) == (0.002, 0.25)
    assert max(durations) <= 1.5e-3
    powers = {round(energy / duration) for energy, duration in made.deliverable()}
    assert powers == {60, 240}


def test_er_yag_takes_its_own_beam_quality() -> None:
    made = device("generic-er-yag")
    assert made.wavelength_m == 2.94e-6
    assert made.profile is Profile.TOP_HAT
    assert made.m2 == load_knowledge().quantity("device.generic-er-yag.m2").value
    assert {duration for _, duration in made.deliverable()} == {250e-6, 350e-6}


def test_powers_and_gates_make_energies() -> None:
    pairs = device("generic-continuous-co2").deliverable()
    assert (0.01, 0.01) in pairs
    assert (4.0, 0.2) in pairs
    assert len(pairs) == 66


def test_unknown_device() -> None:
    with pytest.raises(
        InputError, match=r"c.yaml: device: generic-superpuls-co2: .*did you mean generic-superpulse-co2\?"
    ):
        device("generic-superpuls-co2", file="c.yaml")


def test_own_device() -> None:
    made = device_from_mapping(OWN)
    assert made.deliverable() == ((0.005, 50e-6), (0.01, 100e-6), (0.02, 200e-6))
    assert made.delivered_fraction.value == 0.9
    assert made.delivered_fraction.low == pytest.approx(0.9 - 0.1644854)
    assert made.delivered_fraction.high == pytest.approx(0.9 + 0.1644854)
    assert (made.energy_spread.low, made.energy_spread.high) == (0.05, 0.05)
    assert made.focus_offset.low == pytest.approx(-0.822427e-3)
    assert made.assumed == ()
    assert made.evidence == ()


def test_what_a_user_leaves_out_is_named_and_taken_from_the_knowledge_base() -> None:
    made = device_from_mapping(
        changed(m2=None, delivered_fraction=None, focus_offset=None, energy_spread=None)
    )
    assert made.assumed == ("m2", "delivered_fraction", "energy_spread", "focus_offset")
    assert made.evidence == tuple(f"device.{key}" for key in made.assumed)
    assert made.delivered_fraction == load_knowledge().quantity("device.delivered_fraction").uncertain


def test_several_modes_share_an_energy() -> None:
    modes = [
        {"mode": "energies", "durations": ["1 ms", "2 ms"], "energies": ["8 mJ"]},
        {"mode": "powers", "powers": ["2 W", "8 W"], "durations": ["1 ms", "4 ms"]},
    ]
    made = device_from_mapping(changed(pulses=modes))
    assert made.deliverable() == ((0.002, 1e-3), (0.008, 1e-3), (0.008, 2e-3), (0.008, 4e-3), (0.032, 4e-3))


def test_device_file(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump({"device": OWN}, allow_unicode=True), encoding="utf-8")
    assert load_device(path) == device_from_mapping(OWN)


def test_the_library_is_written_in_the_users_schema(tmp_path: Path) -> None:
    import milia.knowledge

    file = milia.knowledge.DATA_FOLDER / "devices" / "generic-scanned-co2.yaml"
    section = yaml.safe_load(file.read_text(encoding="utf-8"))["device"]
    path = tmp_path / "copy.yaml"
    path.write_text(yaml.safe_dump({"device": section}, allow_unicode=True), encoding="utf-8")
    assert load_device(path).deliverable() == device("generic-scanned-co2").deliverable()


@pytest.mark.parametrize(
    ("change", "key", "problem", "accepted"),
    [
        ({"name": None}, "name", "missing", "text"),
        ({"name": 5}, "name", "not text", "text"),
        ({"name": "x" * 81}, "name", "too long", "80"),
        ({"kind": "plasma"}, "kind", "not one of the accepted words", "superpulse, continuous"),
        ({"kind": "er_yag", "m2": None}, "m2", "missing", "value"),
        ({"profile": "gausian"}, "profile", "did you mean gaussian", "top_hat"),
        ({"order": 4}, "order", "only a super_gaussian", "no order"),
        ({"profile": "super_gaussian"}, "order", "missing", "value"),
        ({"wavelength": "10.6"}, "wavelength", "unit is missing", "2 µm to 12 µm"),
        ({"wavelength": "532 nm"}, "wavelength", "out of range", "2 µm to 12 µm"),
        ({"spot_diameters": "120 um"}, "spot_diameters", "not a list", "a list"),
        ({"spot_diameters": []}, "spot_diameters", "empty", "a list"),
        ({"spot_diameters": [120]}, r"spot_diameters\[0\]", "unit is missing", "0.02 mm to 10 mm"),
        ({"spot_diameters": ["0.3 mm", "125 um"]}, r"spot_diameters\[1\]", "do not ascend", "above"),
        ({"spot_diameters": ["1 mm ± 1 um"]}, r"spot_diameters\[0\]", "spread is not accepted", "0.02 mm"),
        ({"intervals": None}, "intervals", "missing", "a list"),
        ({"intervals": ["0 s"]}, r"intervals\[0\]", "out of range", "100 µs"),
        ({"intervals": ["150 us"]}, "intervals", "no interval is long enough", "average_power_max"),
        ({"average_power_max": "0.1 W"}, "intervals", "no interval is long enough", "average_power_max"),
        ({"pulses_max": 0}, "pulses_max", "out of range", "1 to 1000"),
        ({"passes_max": "2"}, "passes_max", "not a whole number", "1 to 100"),
        ({"duty_max": "120 %"}, "duty_max", "out of range", "to 1"),
        ({"delivered_fraction": "0.2 ± 0.2"}, "delivered_fraction", "below zero", "spread"),
        ({"delivered_fraction": 9}, "delivered_fraction", "out of range", "0.05 to 1.5"),
        ({"energy_spread": -0.1}, "energy_spread", "out of range", "0 to 0.5"),
        ({"focus_offset": "3"}, "focus_offset", "unit is missing", "-20 mm to 20 mm"),
        ({"m2": 0.9}, "m2", "out of range", "1 to 1000"),
        ({"flag": "sure"}, "flag", "not one of the accepted words", "default"),
        ({"flag": "memory", "note": None}, "note", "needs a note", "text"),
        ({"colour": "red"}, "colour", "not known", "the keys"),
        ({"pulses": "10 mJ"}, "pulses", "not a section", "mode energies"),
        ({"pulses": []}, "pulses", "no pulse mode", "mode energies"),
        ({"pulses": {"mode": "energy"}}, r"pulses\.mode", "did you mean energies", "powers"),
        ({"pulses": {"mode": "powers", "powers": ["5 W"]}}, r"pulses\.durations", "missing", "a list"),
        (
            {"pulses": {"mode": "energies", "energies": ["5 mJ"]}},
            "pulses",
            "either the peak_power",
            "exactly one",
        ),
        (
            {
                "pulses": {
                    "mode": "energies",
                    "energies": ["5 mJ"],
                    "peak_power": "9 W",
                    "durations": ["1 ms"],
                }
            },
            "pulses",
            "either the peak_power",
            "exactly one",
        ),
        (
            {"pulses": {"mode": "energies", "energies": ["5 J"], "peak_power": "1 W"}},
            "pulses",
            "a pulse of 5 J in 5 s follows",
            "duration from 1 µs to 1 s",
        ),
        (
            {"pulses": {"mode": "powers", "powers": ["5 W"], "durations": ["1 ms"], "x": 1}},
            r"pulses\.x",
            "not known",
            "",
        ),
    ],
)
def test_own_device_refused(change: dict[str, object], key: str, problem: str, accepted: str) -> None:
    with pytest.raises(InputError, match=rf"own.yaml: device\.{key}: .*{problem}.* Accepted: .*{accepted}"):
        device_from_mapping(changed(**change), file="own.yaml")


@pytest.mark.parametrize("value", [None, 5, "x", [OWN]])
def test_no_device_section(value: object) -> None:
    with pytest.raises(InputError, match="not a section"):
        device_from_mapping(value, file="own.yaml")


GOOD = Settings(0.01, 100e-6, 0.3e-3, 2, 0.1, 1)


@pytest.mark.parametrize(
    ("settings", "key", "problem", "accepted"),
    [
        (
            Settings(0.01, 1e-4, 0.28e-3, 2, 0.1, 1),
            "spot_diameter: 280 µm",
            "the nearest is 300 µm",
            "125 µm, 300 µm",
        ),
        (
            Settings(0.012, 1e-4, 0.3e-3, 2, 0.1, 1),
            "pulse_energy: 12 mJ",
            "the nearest is 10 mJ",
            "5 mJ, 10 mJ, 20 mJ",
        ),
        (
            Settings(0.01, 2e-4, 0.3e-3, 2, 0.1, 1),
            "pulse_duration: 200 µs",
            "the nearest is 100 µs",
            "100 µs",
        ),
        (
            Settings(0.01, 1e-4, 0.3e-3, 2, 0.02, 1),
            "interval: 20 ms",
            "the nearest is 10 ms",
            "10 ms, 100 ms",
        ),
        (Settings(0.01, 1e-4, 0.3e-3, 6, 0.1, 1), "pulses: 6", "at most 5 pulses", "1 to 5"),
        (Settings(0.01, 1e-4, 0.3e-3, 2, 0.1, 3), "passes: 3", "at most 2 passes", "1 to 2"),
        (
            Settings(0.02, 2e-4, 0.3e-3, 2, 0.01, 1),
            "interval: 10 ms",
            "average power of at most 1 W",
            "100 ms",
        ),
    ],
)
def test_settings_the_device_cannot_deliver(
    settings: Settings, key: str, problem: str, accepted: str
) -> None:
    made = device_from_mapping(OWN)
    made.check(GOOD)
    with pytest.raises(InputError, match=rf"settings\.{key}: .*{problem}.* Accepted: {accepted}\.$"):
        made.check(settings)
    made.check(made.nearest(settings))


def test_one_pulse_has_no_average_power() -> None:
    device_from_mapping(OWN).check(Settings(0.02, 2e-4, 0.3e-3, 1, 0.01, 1))


def test_duty_cycle_limit() -> None:
    made = device_from_mapping(changed(duty_max="0.5 %"))
    assert made.intervals_for(0.01, 1e-4) == (0.1,)
    with pytest.raises(InputError, match=r"duty cycle of at most 0\.5 %"):
        made.check(Settings(0.01, 1e-4, 0.3e-3, 2, 0.01, 1))


def test_a_step_written_otherwise_is_the_same_step() -> None:
    device_from_mapping(OWN).check(Settings(10 * 1e-3, 0.01 / 100, 300 * 1e-6, 2, 100 / 1000, 1))


def test_settings_fill_in_the_only_duration() -> None:
    made = device_from_mapping(OWN).settings(pulse_energy_J=0.02, spot_diameter_m=125e-6, interval_s=0.1)
    assert made.pulse_duration_s == 200e-6


def test_settings_do_not_choose_between_durations() -> None:
    with pytest.raises(InputError, match="more than one pulse duration"):
        device("generic-superpulse-co2").settings(pulse_energy_J=0.02, spot_diameter_m=300e-6, interval_s=0.1)


def test_the_beam_of_a_device() -> None:
    beam = device_from_mapping(OWN).beam(125e-6, focus_offset_m=1e-3)
    assert (beam.spot_diameter_m, beam.m2, beam.focus_offset_m) == (125e-6, 1.2, 1e-3)


@given(
    name=st.sampled_from([made.name for made in devices()]),
    energy=st.floats(1e-4, 10.0),
    duration=st.floats(1e-6, 1.0),
    spot=st.floats(20e-6, 10e-3),
    pulses=st.integers(1, 50),
    passes=st.integers(1, 50),
)
def test_the_nearest_setting_can_always_be_delivered(
    name: str, energy: float, duration: float, spot: float, pulses: int, passes: int
) -> None:
    made = device(name)
    wanted = Settings(energy, duration, spot, pulses, max(0.1, duration), passes)
    nearest = made.nearest(wanted)
    made.check(nearest)
    assert made.nearest(nearest) == nearest
