"""Study files: what is refused, by name and range, and what is said back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from milia.base import InputError
from milia.study import Study, load_study, study_from_mapping

Maker = Callable[..., Study]
FIXED = {
    "name": "f",
    "kind": "fixed",
    "pulse_energy": "25 mJ",
    "pulse_duration": "1 ms",
    "spot_diameter": "0.5 mm",
    "pulses": 1,
    "interval": "200 ms",
}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"patients": -5}, "patients"),
        ({"patients": "many"}, "patients"),
        ({"seed": -1}, "seed"),
        ({"sessions": 0}, "sessions"),
        ({"patience": 3}, "patience"),
        ({"cohort": {"sites": {"elbow": 1}}}, "cohort.sites"),
        ({"cohort": {"sites": {"cheek": -1}}}, "cohort.sites.cheek"),
        ({"cohort": {"sites": {"cheek": 0}}}, "cohort.sites"),
        ({"cohort": {"diameter": "9 mm"}}, "cohort.diameter"),
        ({"cohort": {"diameter": "2 mm to 1 mm"}}, "cohort.diameter"),
        ({"cohort": {"diameter": "1 mm to 2 mm to 3 mm"}}, "cohort.diameter"),
        ({"cohort": {"roof": 90}}, "cohort.roof"),
        ({"cohort": {"devices": {"sword": 1}}}, "cohort.devices"),
        ({"operator": {"aim": "-1 um"}}, "operator.aim"),
        ({"operator": {"energy": "5"}}, "operator.energy"),
        ({"opening": "9 mm"}, "opening"),
        ({"groups": {"roof_step": "0 um"}}, "groups.roof_step"),
        ({"effort": {"final": 3}}, "effort.final"),
        ({"without_window": "pray"}, "without_window"),
        ({"policies": []}, "policies"),
        ({"policies": [{"name": "x", "kind": "guess"}]}, "policies[0].kind"),
        ({"policies": [{"name": "x", "kind": "stepwise", "decision": "cvar"}]}, "policies[0].decision"),
        ({"policies": [{"name": "x", "kind": "robust", "decision": "hope"}]}, "policies[0].decision"),
        ({"policies": [{"name": "../x", "kind": "robust"}]}, "policies[0].name"),
        ({"policies": [FIXED, FIXED]}, "policies[1].name"),
        ({"policies": [FIXED | {"pulses": -2}]}, "policies[0].pulses"),
        ({"policies": [FIXED | {"pulse_energy": "26 mJ"}]}, "policies[0].pulse_energy"),
        ({"policies": [{"name": "n", "kind": "reference", "treatment": "extract"}]}, "policies"),
    ],
)
def test_what_cannot_be_used_is_named(make: Maker, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        make(**changes)
    assert caught.value.key == key
    assert caught.value.file == "study.yaml"
    assert caught.value.accepted


def test_a_study_says_itself_back_and_can_be_read_again(make: Maker) -> None:
    study = make(cohort={"sites": {"cheek": 3, "glabella": 1}}, operator={"aim": "60 um"})
    said = study.to_dict()
    assert said["cohort"]["sites"] == {"cheek": 0.75, "glabella": 0.25}
    assert said["operator"]["aim"] == "60 µm"
    said["cohort"]["devices"] = {"generic-superpulse-co2": 1}
    said["opening"] = "0.3 mm"
    said["policies"] = [{"name": "s", "kind": "stepwise"}]
    again = study_from_mapping(yaml.safe_load(yaml.safe_dump(said)), file="again.yaml")
    assert again.to_dict()["cohort"] == said["cohort"] | {"devices": {"generic-superpulse-co2": 1.0}}


def test_what_the_file_leaves_out_comes_from_the_knowledge_base_and_is_listed() -> None:
    study = study_from_mapping(
        {"name": "bare", "patients": 10, "policies": [{"name": "s", "kind": "stepwise"}]}, file="bare.yaml"
    )
    assert study.diameter.band == (pytest.approx(1e-3), pytest.approx(2e-3))
    assert study.age_years.band == (pytest.approx(18.0), pytest.approx(75.0))
    assert {"study.cohort.diameter", "planning.aim.offset", "study.sessions.most"} <= set(study.evidence)


@pytest.mark.parametrize("name", ["study.yaml", "study_10000.yaml"])
def test_the_examples_can_be_read(name: str) -> None:
    study = load_study(Path(__file__).resolve().parents[2] / "examples" / name)
    assert study.patients >= 500
