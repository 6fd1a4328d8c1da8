"""The exposure file: what can be simulated, and what is refused."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from milia.base import InputError
from milia.engine.exposure_file import ExposureSpec, exposure_from_mapping, load_exposure
from milia.laser import Beam, Profile, PulseTrain
from milia.skin import Cyst, Layer, site, tissue_at

TEXT = """\
tissue: {site: cheek}
laser: {wavelength: "10.6 um", spot_diameter: "120 um", profile: gaussian, pulse_energy: "10 mJ",
        pulse_duration: "1 ms", pulses: 1, interval: "100 ms"}
initial_temperature: "33 degC"
uncertainty: 64
"""
EXPOSURE: dict[str, Any] = yaml.safe_load(TEXT)
LAYERS = [{"material": "epidermis", "thickness": "80 um"}, {"material": "dermis", "thickness": "1.5 mm"}]


def changed(path: str, value: object) -> dict[str, Any]:
    """Give the exposure with one dotted key set, or removed for the value ``...``."""
    made = copy.deepcopy(EXPOSURE)
    *sections, name = path.split(".")
    section = made
    for step in sections:
        section = section[step]
    if value is ...:
        del section[name]
    else:
        section[name] = value
    return made


def read(mapping: dict[str, Any]) -> ExposureSpec:
    return exposure_from_mapping(mapping, file="exposure.yaml")


def test_the_documented_exposure(tmp_path: Path) -> None:
    path = tmp_path / "exposure.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert load_exposure(path) == ExposureSpec(
        tissue=tissue_at(site("cheek")),
        site="cheek",
        beam=Beam(spot_diameter_m=120e-6, wavelength_m=10.6e-6),
        train=PulseTrain(pulse_energy_J=0.01, pulse_duration_s=1e-3, pulses=1, interval_s=0.1),
        initial_temperature_K=306.15,
        uncertainty=64,
        file=str(path),
    )


def test_listed_layers_with_a_lesion() -> None:
    made = changed("tissue", {"layers": LAYERS})
    made["lesion"] = {"diameter": "1 mm", "roof": "90 um"}
    spec = read(made)
    assert spec.site is None
    assert spec.tissue.layers == (Layer("epidermis", 80e-6), Layer("dermis", 1.5e-3))
    assert spec.tissue.cyst == Cyst(diameter_m=1e-3, roof_m=90e-6)


@pytest.mark.parametrize("inside", [True, False])
def test_a_lesion_at_a_site_takes_the_roof_of_the_atlas(inside: bool) -> None:
    made = changed("tissue", {"site": "cheek"})
    (made["tissue"] if inside else made)["lesion"] = {"diameter": "1 mm"}
    assert read(made).tissue.cyst == Cyst(diameter_m=1e-3, roof_m=site("cheek").roof_m.value)


def test_a_deep_lesion_has_tissue_below_it() -> None:
    made = changed("lesion", {"diameter": "3 mm", "roof": "500 um"})
    assert sum(layer.thickness_m for layer in read(made).tissue.layers) == pytest.approx(4.5e-3)


def test_all_laser_keys() -> None:
    made = copy.deepcopy(EXPOSURE)
    made["laser"].update(
        profile="super_gaussian",
        order=6,
        focus_offset="-0.5 mm",
        m2=1.4,
        shape="triangular",
        pulses=3,
        passes=2,
        wipe=False,
    )
    spec = read(made)
    assert spec.beam == Beam(
        spot_diameter_m=120e-6, profile=Profile.SUPER_GAUSSIAN, order=6.0, focus_offset_m=-0.5e-3, m2=1.4
    )
    assert spec.train == PulseTrain(
        pulse_energy_J=0.01,
        pulse_duration_s=1e-3,
        pulses=3,
        interval_s=0.1,
        passes=2,
        wipe=False,
        shape="triangular",
    )


def test_optional_keys() -> None:
    made = changed("uncertainty", ...)
    del made["laser"]["pulses"], made["laser"]["interval"]
    spec = read(made)
    assert spec.uncertainty is None
    assert spec.train.pulses == 1


def test_a_single_pulse_longer_than_the_usual_interval() -> None:
    made = changed("laser.pulse_duration", "400 ms")
    del made["laser"]["interval"]
    assert read(made).train.interval_s == 0.4


@pytest.mark.parametrize(("text", "kelvin"), [("-5 degC", 268.15), ("45 °C", 318.15), ("300 K", 300.0)])
def test_initial_temperature(text: str, kelvin: float) -> None:
    assert read(changed("initial_temperature", text)).initial_temperature_K == pytest.approx(kelvin)


@pytest.mark.parametrize(
    ("key", "value", "problem", "accepted"),
    [
        ("tissue", ..., "missing", "tissue"),
        ("tissue", {}, "either a site or the layers", "exactly one"),
        ("tissue", {"site": "cheek", "layers": LAYERS}, "either a site or the layers", "exactly one"),
        ("tissue.site", "cheeks", "did you mean cheek", "forehead"),
        ("tissue.sites", "cheek", "did you mean site", "layers"),
        ("tissue.layers", {"layers": []}, "0 layers", "1 to 20"),
        ("tissue.layers", {"layers": LAYERS * 11}, "22 layers", "1 to 20"),
        ("tissue.layers", {"layers": "dermis"}, "not a list", "1 to 20"),
        ("tissue.layers[0]", {"layers": ["dermis"]}, "not a section", "material"),
        ("tissue.layers[0].material", {"layers": [{"thickness": "1 mm"}]}, "missing", "dermis"),
        (
            "tissue.layers[0].material",
            {"layers": [{"material": "dermi", "thickness": "1 mm"}]},
            "did you mean dermis",
            "fat",
        ),
        ("tissue.layers[0].thickness", {"layers": [{"material": "dermis"}]}, "missing", "unit"),
        (
            "tissue.layers[0].thickness",
            {"layers": [{"material": "dermis", "thickness": 1}]},
            "the unit is missing",
            "to 50 mm",
        ),
        (
            "tissue.layers[0].thickness",
            {"layers": [{"material": "dermis", "thickness": "0 mm"}]},
            "out of range",
            "to 50 mm",
        ),
        (
            "tissue.layers[0].depth",
            {"layers": [{"material": "dermis", "depth": "1 mm"}]},
            "not known",
            "thickness",
        ),
        (
            "tissue.lesion.roof",
            {"layers": LAYERS, "lesion": {"diameter": "1 mm"}},
            "missing",
            "unit",
        ),
        (
            "tissue.lesion",
            {"layers": LAYERS, "lesion": {"diameter": "2 mm", "roof": "90 um"}},
            "reach 2.09 mm deep, below the last layer",
            "at most 1.58 mm",
        ),
        ("lesion", "large", "not a section", "diameter"),
        ("lesion.diameter", {"roof": "90 um"}, "missing", "unit"),
        ("lesion.diameter", {"diameter": "4 mm"}, "out of range", "0.1 mm to 3 mm"),
        (
            "lesion.roof",
            {"diameter": "1 mm", "roof": "90 um ± 30 um"},
            "spread is not accepted",
            "10 µm to 500 µm",
        ),
        ("lesion.roof", {"diameter": "1 mm", "roof": "1 um"}, "out of range", "10 µm to 500 µm"),
        ("lesion.site", {"diameter": "1 mm", "site": "cheek"}, "not known", "diameter, roof"),
        ("laser", ..., "missing", "laser"),
        ("laser.wavelength", ..., "missing", "unit"),
        ("laser.wavelength", 10.6, "the unit is missing", "2 µm to 12 µm"),
        ("laser.wavelength", "10.6 mm", "out of range", "2 µm to 12 µm"),
        ("laser.spot_diameter", ..., "missing", "unit"),
        ("laser.spot_diameter", "0 um", "out of range", "to 10 mm"),
        ("laser.profile", ..., "missing", "gaussian"),
        ("laser.profile", "tophat", "did you mean top_hat", "super_gaussian"),
        ("laser.order", 4, "only a super_gaussian", "no order"),
        ("laser.pulse_energy", ..., "missing", "unit"),
        ("laser.pulse_energy", "-10 mJ", "out of range", "10 µJ to 10 J"),
        ("laser.pulse_energy", "10 W", "not that of an energy", "energy"),
        ("laser.pulse_energy", "inf mJ", "not finite", "energy"),
        ("laser.pulse_duration", ..., "missing", "unit"),
        ("laser.pulse_duration", "0 s", "out of range", "time"),
        ("laser.pulse_duration", "0.1 us ± 1 us", "spread is not accepted", "time"),
        ("laser.pulses", 0, "out of range", "1 to 1000"),
        ("laser.pulses", 1.5, "not a whole number", "1 to 1000"),
        ("laser.pulses", "3", "not a whole number", "1 to 1000"),
        ("laser.passes", 101, "out of range", "1 to 100"),
        ("laser.interval", "0.5 ms", "shorter than the pulse", "1 ms to"),
        ("laser.interval", 100, "the unit is missing", "time"),
        ("laser.wipe", "often", "neither true nor false", "true or false"),
        ("laser.shape", "square", "not one of the accepted words", "flat, triangular"),
        ("laser.focus_offset", "50 mm", "out of range", "-20 mm to 20 mm"),
        ("laser.m2", 0.5, "out of range", "1 to 1000"),
        ("laser.fluence", "5 J/cm^2", "not known", "pulse_energy"),
        ("initial_temperature", ..., "missing", "33 degC"),
        ("initial_temperature", 33, "the unit is missing", "-5 °C to 45 °C"),
        ("initial_temperature", "33", "the unit is missing", "-5 °C to 45 °C"),
        ("initial_temperature", "46 degC", "out of range", "-5 °C to 45 °C"),
        ("initial_temperature", "33 K", "out of range", "-5 °C to 45 °C"),
        ("initial_temperature", "33 degC ± 1 degC", "spread is not accepted", "-5 °C to 45 °C"),
        ("uncertainty", 1, "out of range", "2 to 4096"),
        ("uncertainty", 4097, "out of range", "2 to 4096"),
        ("uncertainty", True, "not a whole number", "2 to 4096"),
        ("uncertainty", "64", "not a whole number", "2 to 4096"),
        ("seed", 3, "not known", "uncertainty"),
    ],
)
def test_refused(key: str, value: object, problem: str, accepted: str) -> None:
    path = key
    if isinstance(value, dict):
        path = key.split(".")[0]
    with pytest.raises(InputError) as caught:
        read(changed(path, value))
    message = str(caught.value)
    assert message.startswith(f"exposure.yaml: {key}: ")
    assert problem in message
    assert accepted in message.split("Accepted: ")[1]
    assert len(message.splitlines()) == 1


def test_a_train_needs_its_interval() -> None:
    made = changed("laser.pulses", 2)
    del made["laser"]["interval"]
    with pytest.raises(InputError, match=r"laser.interval: this is missing"):
        read(made)


def test_too_many_pulses_in_all() -> None:
    made = changed("laser.pulses", 200)
    made["laser"]["passes"] = 6
    with pytest.raises(InputError, match=r"are 1200 pulses\. Accepted: at most 1000 pulses in all"):
        read(made)


def test_a_power_no_such_laser_has() -> None:
    made = changed("laser.pulse_energy", "1 J")
    made["laser"]["pulse_duration"] = "1 us"
    with pytest.raises(InputError, match=r"laser.pulse_duration: 1 us: .*1000 kW.*at most 100 kW"):
        read(made)


def test_two_lesions() -> None:
    made = changed("tissue.lesion", {"diameter": "1 mm"})
    made["lesion"] = {"diameter": "1 mm"}
    with pytest.raises(InputError, match="written twice"):
        read(made)
