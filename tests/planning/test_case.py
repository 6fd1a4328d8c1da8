"""The case file: what a clinician may write, and what comes back when it cannot be so."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from milia.base import InputError, Measured
from milia.knowledge import load_knowledge
from milia.laser import DEVICE_KEYS, KINDS, Profile, device, device_from_mapping, devices
from milia.planning.case import HISTORY, SKIN_TYPES, Case, case_from_mapping, load_case
from milia.skin import materials, site, sites

TEXT = """\
patient: {age: "34 year", sex: female, skin_type: IV, history: [keloid, isotretinoin_6_months, recurrent_hsv]}
lesion:
  site: lower_eyelid
  diameter: "1.0 mm"
  roof: "90 um ± 30 um"
  count: 3
  diagnosis: {condition: milium, confirmed: true}
skin: {total: "800 um ± 100 um"}
device: generic-superpulse-co2
goal: {opening: "0.4 mm"}
"""
CASE: dict[str, Any] = yaml.safe_load(TEXT)
FACE = (
    *(
        "upper_eyelid",
        "lower_eyelid",
        "lid_margin",
        "medial_canthus",
        "lateral_canthus",
        "glabella",
        "forehead",
    ),
    *("temple", "cheek", "nose", "perioral", "chin", "neck"),
)


def changed(path: str, value: object) -> dict[str, Any]:
    """Give the case with one dotted key set, or removed for the value ``...``."""
    case = copy.deepcopy(CASE)
    *sections, name = path.split(".")
    section = case
    for step in sections:
        section = section[step]
    if value is ...:
        del section[name]
    else:
        section[name] = value
    return case


def read(mapping: dict[str, Any]) -> Case:
    return case_from_mapping(mapping, file="case.yaml")


def test_the_documented_case(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(TEXT, encoding="utf-8")
    case = load_case(path)
    assert case.patient.age_years == 34.0
    assert case.patient.sex == "female"
    assert case.patient.skin_type == "IV"
    assert case.patient.history == ("keloid", "isotretinoin_6_months", "recurrent_hsv")
    assert case.lesion.site == site("lower_eyelid")
    assert case.lesion.diameter == Measured(1e-3)
    assert case.lesion.roof == Measured(90e-6, 30e-6)
    assert case.lesion.count == 3
    assert (case.lesion.diagnosis.condition, case.lesion.diagnosis.confirmed) == ("milium", True)
    assert case.skin_total == Measured(800e-6, 100e-6)
    assert case.device == device("generic-superpulse-co2")
    assert case.opening_m == 0.4e-3
    assert case.file == str(path)


def test_the_case_said_back() -> None:
    assert read(CASE).to_dict() == {
        "patient": {
            "age": "34 year",
            "sex": "female",
            "skin_type": "IV",
            "history": ["keloid", "isotretinoin_6_months", "recurrent_hsv"],
        },
        "lesion": {
            "site": "lower_eyelid",
            "diameter": "1 mm",
            "roof": "90 µm ± 30 µm",
            "count": 3,
            "diagnosis": {"condition": "milium", "confirmed": True},
        },
        "skin": {"total": "800 µm ± 100 µm"},
        "device": "generic-superpulse-co2",
        "goal": {"opening": "400 µm"},
    }


@pytest.mark.parametrize(
    ("path", "attribute"), [("lesion.roof", "lesion.roof"), ("skin", "skin_total"), ("goal", "opening_m")]
)
def test_optional_parts(path: str, attribute: str) -> None:
    value: Any = read(changed(path, ...))
    for step in attribute.split("."):
        value = getattr(value, step)
    assert value is None


def test_no_history_is_not_an_unstated_one() -> None:
    none, unstated = read(changed("patient.history", [])), read(changed("patient.history", ...))
    assert none.patient.history == unstated.patient.history == ()
    assert (none.patient.history_stated, unstated.patient.history_stated) == (True, False)
    assert "history" not in unstated.to_dict()["patient"]


def test_a_newborn_in_days() -> None:
    case = read(changed("patient.age", "10 day"))
    assert case.patient.age_years == pytest.approx(10 / 365.25)
    assert case.to_dict()["patient"]["age"] == "10 day"


def test_weight() -> None:
    case = read(changed("patient.weight", "60 kg"))
    assert case.patient.weight_kg == 60.0
    assert case.to_dict()["patient"]["weight"] == "60 kg"


@pytest.mark.parametrize("name", FACE)
def test_every_promised_site(name: str) -> None:
    case = changed("lesion.site", name)
    del case["lesion"]["roof"]
    assert read(case).lesion.site == site(name)


def test_promised_history_is_understood() -> None:
    assert read(changed("patient.history", list(HISTORY))).patient.history == HISTORY
    assert {"keloid", "isotretinoin_6_months", "recurrent_hsv", "pregnancy", "anticoagulant"} <= set(HISTORY)


@pytest.mark.parametrize("condition", ["colloid milium", "milia en plaque"])
def test_a_condition_with_milium_in_its_name_is_no_slip(condition: str) -> None:
    case = read(changed("lesion.diagnosis.condition", condition))
    assert case.lesion.diagnosis.condition == condition


def test_another_condition_is_a_diagnosis_too() -> None:
    case = read(changed("lesion.diagnosis", {"condition": " Syringoma ", "confirmed": False}))
    assert (case.lesion.diagnosis.condition, case.lesion.diagnosis.confirmed) == ("syringoma", False)


@pytest.mark.parametrize(
    ("key", "value", "problem", "accepted"),
    [
        ("patient", ..., "missing", "patient"),
        ("patient", "woman", "not a section", "patient"),
        ("patient.age", ..., "missing", "34 year"),
        ("patient.age", 34, "the unit is missing", "0 year to 120 year"),
        ("patient.age", "34", "the unit is missing", "0 year to 120 year"),
        ("patient.age", "34 mm", "not that of a time", "0 year to 120 year"),
        ("patient.age", "-1 day", "out of range", "0 year to 120 year"),
        ("patient.age", "121 year", "out of range", "0 year to 120 year"),
        ("patient.age", "34 year ± 1 year", "spread is not accepted", "0 year to 120 year"),
        ("patient.sex", ..., "missing", "female, male"),
        ("patient.sex", "femal", "did you mean female", "female, male"),
        ("patient.sex", False, "not one of the accepted words", "female, male"),
        ("patient.skin_type", ..., "missing", "I, II, III, IV, V, VI"),
        ("patient.skin_type", 4, "not one of the accepted words", "I, II, III, IV, V, VI"),
        ("patient.skin_type", "VII", "not one of the accepted words", "I, II, III, IV, V, VI"),
        ("patient.history", "keloid", "not a list", "keloid"),
        ("patient.history", {"keloid": True}, "not a list", "keloid"),
        ("patient.history[0]", ["keloids"], "did you mean keloid", "pregnancy"),
        ("patient.history[1]", ["keloid", "keloid"], "written twice", "once"),
        ("patient.history[0]", [["keloid"]], "not one of the accepted words", "keloid"),
        ("patient.weight", "60", "the unit is missing", "0.3 kg to 400 kg"),
        ("patient.weight", "60 t", "out of range", "0.3 kg to 400 kg"),
        ("patient.agee", "1 year", "did you mean age", "the keys age"),
        ("lesion", ..., "missing", "lesion"),
        ("lesion", [], "not a section", "lesion"),
        ("lesion.site", ..., "missing", "lower_eyelid"),
        ("lesion.site", "lower eyelid", "did you mean lower_eyelid", "upper_eyelid"),
        ("lesion.site", "back", "not one of the accepted words", "cheek"),
        ("lesion.site", None, "missing", "cheek"),
        ("lesion.diameter", ..., "missing", "1.0 mm"),
        ("lesion.diameter", 1.0, "the unit is missing", "0.1 mm to 3 mm"),
        ("lesion.diameter", "1.0", "the unit is missing", "0.1 mm to 3 mm"),
        ("lesion.diameter", "1.0 mJ", "not that of a length", "0.1 mm to 3 mm"),
        ("lesion.diameter", "nan mm", "not finite", "0.1 mm to 3 mm"),
        ("lesion.diameter", "-1 mm", "out of range", "0.1 mm to 3 mm"),
        ("lesion.diameter", "1 m", "out of range", "0.1 mm to 3 mm"),
        ("lesion.diameter", "0.05 mm", "out of range", "0.1 mm to 3 mm"),
        ("lesion.diameter", "1 mm ± -0.1 mm", "spread is negative", "0.1 mm to 3 mm"),
        ("lesion.roof", 90, "the unit is missing", "10 µm to 500 µm"),
        ("lesion.roof", "9 um", "out of range", "10 µm to 500 µm"),
        ("lesion.roof", "600 um", "out of range", "10 µm to 500 µm"),
        ("lesion.roof", "90 um ± 30", "spread's unit is missing", "10 µm to 500 µm"),
        ("lesion.count", ..., "missing", "1 to 500"),
        ("lesion.count", 0, "out of range", "1 to 500"),
        ("lesion.count", -3, "out of range", "1 to 500"),
        ("lesion.count", 2.5, "not a whole number", "1 to 500"),
        ("lesion.count", "3", "not a whole number", "1 to 500"),
        ("lesion.count", True, "not a whole number", "1 to 500"),
        ("lesion.diagnosis", ..., "missing", "condition: milium"),
        ("lesion.diagnosis", "milium", "not a section", "condition: milium"),
        ("lesion.diagnosis.condition", ..., "missing", "milium"),
        ("lesion.diagnosis.condition", 5, "not a diagnosis", "milium"),
        ("lesion.diagnosis.condition", " ", "not a diagnosis", "milium"),
        ("lesion.diagnosis.condition", "millium", "did you mean milium", "another condition"),
        ("lesion.diagnosis.condition", "milia", "did you mean milium", "another condition"),
        ("lesion.diagnosis.confirmed", ..., "missing", "true or false"),
        ("lesion.diagnosis.confirmed", "maybe", "neither true nor false", "true or false"),
        ("lesion.colour", "white", "not known", "the keys site"),
        ("skin", "thin", "not a section", "total"),
        ("skin.totl", "1 mm", "did you mean total", "total"),
        ("skin.total", 800, "the unit is missing", "0.2 mm to 6 mm"),
        ("skin.total", "8 mm", "out of range", "0.2 mm to 6 mm"),
        ("device", ..., "missing", "device library"),
        ("device", 5, "not a device", "device library"),
        ("device", "generic-superpulse", "did you mean generic-superpulse-co2", "generic-er-yag"),
        ("device", "own.yaml", "cannot be read from here", "device library"),
        ("device.profile", {}, "missing", "value"),
        ("goal", "wide", "not a section", "opening"),
        ("goal.opening", 0.4, "the unit is missing", "0.05 mm to 1 mm"),
        ("goal.opening", "1.1 mm", "out of range", "0.05 mm to 1 mm"),
        ("goal.opening", "10 um", "out of range", "0.05 mm to 1 mm"),
        ("goal.depth", "0.4 mm", "not known", "opening"),
        ("patients", {}, "did you mean patient", "the keys patient"),
    ],
)
def test_refused(key: str, value: object, problem: str, accepted: str) -> None:
    path = "device" if key == "device.profile" else key.split("[")[0]
    with pytest.raises(InputError) as caught:
        read(changed(path, value))
    message = str(caught.value)
    assert message.startswith(f"case.yaml: {key}: ")
    assert problem in message
    assert accepted in message.split("Accepted: ")[1]
    assert len(message.splitlines()) == 1
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        assert f": {str(value).strip() or value}: " in message


def test_a_case_that_is_no_mapping() -> None:
    with pytest.raises(InputError, match="not a section"):
        case_from_mapping([1], file="case.yaml")  # type: ignore[arg-type]


def share() -> float:
    return load_knowledge().quantity("lesion.cyst.embedded_share_least").si


@pytest.mark.parametrize(("excess_m", "passes"), [(-1e-6, True), (1e-6, False)])
def test_the_roof_leaves_room_for_the_cyst_in_the_measured_skin(excess_m: float, passes: bool) -> None:
    case = changed("skin.total", "400 um ± 50 um")
    roof_m = 400e-6 + 2 * 50e-6 - share() * 1e-3 + excess_m
    case["lesion"]["roof"] = f"{roof_m * 1e6:.6f} um"
    if passes:
        roof = read(case).lesion.roof
        assert roof is not None
        assert roof.value == pytest.approx(roof_m)
        return
    with pytest.raises(
        InputError,
        match="below the skin as measured. Accepted: a roof from 10 µm to 200 µm".replace(".", r"\."),
    ):
        read(case)


@pytest.mark.parametrize(("excess_m", "passes"), [(-5e-6, True), (5e-6, False)])
def test_the_roof_leaves_room_for_the_cyst_in_the_skin_of_the_site(excess_m: float, passes: bool) -> None:
    thinnest = min(sites(), key=lambda known: known.total_m.high)
    case = changed("lesion.site", thinnest.name)
    del case["skin"]
    roof_m = thinnest.total_m.high - share() * 0.8e-3 + excess_m
    case["lesion"].update(diameter="0.8 mm", roof=f"{roof_m * 1e6:.4f} um")
    if passes:
        roof = read(case).lesion.roof
        assert roof is not None
        assert roof.value == pytest.approx(roof_m)
        return
    with pytest.raises(InputError) as caught:
        read(case)
    assert f"would lie below the skin of this site ({thinnest.title})" in str(caught.value)


def test_a_cyst_that_no_roof_could_cover() -> None:
    case = changed("skin.total", "250 um")
    case["lesion"]["diameter"] = "3 mm"
    with pytest.raises(InputError, match="Accepted: a smaller diameter: the skin is at most 250 µm thick"):
        read(case)


OWN = {
    "name": "own",
    "title": "our laser",
    "kind": "superpulse",
    "wavelength": "10.6 um",
    "profile": "gaussian",
    "spot_diameters": ["125 um"],
    "pulses": {"mode": "energies", "peak_power": "100 W", "energies": ["5 mJ", "10 mJ"]},
    "intervals": ["10 ms"],
    "pulses_max": 5,
    "passes_max": 2,
}


def test_a_device_written_into_the_case() -> None:
    case = read(changed("device", OWN))
    assert case.device.spot_diameters_m == (125e-6,)
    assert case.to_dict()["device"] == "own"
    with pytest.raises(InputError, match=r"case.yaml: device.pulses_max: 0: "):
        read(changed("device", {**OWN, "pulses_max": 0}))


def test_a_device_file_beside_the_case(tmp_path: Path) -> None:
    (tmp_path / "lasers").mkdir()
    (tmp_path / "lasers" / "own.yaml").write_text(yaml.safe_dump({"device": OWN}))
    path = tmp_path / "case.yaml"
    path.write_text(
        yaml.safe_dump(changed("device", "lasers/own.yaml"), allow_unicode=True), encoding="utf-8"
    )
    assert load_case(path).device.name == "own"


def test_a_device_file_with_a_slip_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({"device": {**OWN, "kind": "laser"}}))
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(changed("device", "own.yaml"), allow_unicode=True), encoding="utf-8")
    with pytest.raises(InputError, match=r"own.yaml: device.kind: laser: "):
        load_case(path)
    (tmp_path / "own.yaml").unlink()
    with pytest.raises(InputError, match=r"own.yaml: there is no such file"):
        load_case(path)


@given(
    age=st.sampled_from(["0 day", "10 day", "3 month", "7 year", "34 year", "99.5 year"]),
    name=st.sampled_from(FACE),
    diameter=st.integers(100, 3000),
    spread=st.none() | st.integers(0, 500),
    history=st.lists(st.sampled_from(HISTORY), unique=True),
    count=st.integers(1, 500),
    opening=st.none() | st.floats(0.5, 1.0),
)
def test_what_is_said_back_is_the_same_case(
    age: str,
    name: str,
    diameter: int,
    spread: int | None,
    history: list[str],
    count: int,
    opening: float | None,
) -> None:
    mapping = changed("lesion.roof", ...)
    mapping["patient"].update(age=age, history=history)
    width = f"{diameter} um" if spread is None else f"{diameter} um ± {spread} um"
    mapping["lesion"].update(site=name, diameter=width, count=count)
    mapping["goal"] = {} if opening is None else {"opening": f"{opening * diameter:.3f} um"}
    first = read(mapping)
    second = read(first.to_dict())
    assert second.to_dict() == first.to_dict()
    assert second.lesion == first.lesion
    assert second.patient.age_years == pytest.approx(first.patient.age_years, rel=1e-5)


DOCS = Path(__file__).parents[2] / "docs" / "case-file.md"


def documented() -> list[dict[str, Any]]:
    blocks = DOCS.read_text(encoding="utf-8").split("```yaml\n")[1:]
    return [yaml.safe_load(block.split("```")[0]) for block in blocks]


def test_every_example_of_the_manual_is_read() -> None:
    from milia.engine.exposure_file import exposure_from_mapping

    readers: dict[str, Callable[[dict[str, Any]], object]] = {
        "patient": lambda block: case_from_mapping(block, file="case-file.md"),
        "tissue": lambda block: exposure_from_mapping(block, file="case-file.md"),
        "device": lambda block: device_from_mapping(block["device"], file="case-file.md"),
    }
    kinds = [next(iter(block)) for block in documented()]
    assert kinds == ["patient", "tissue", "tissue", "device"]
    for kind, block in zip(kinds, documented(), strict=True):
        readers[kind](block)


def test_the_manual_names_every_key_and_word() -> None:
    text = DOCS.read_text(encoding="utf-8")
    names = [*(known.name for known in sites()), *(known.name for known in materials())]
    names += [known.name for known in devices()]
    for word in (*names, *HISTORY, *SKIN_TYPES, *DEVICE_KEYS, *KINDS, *Profile):
        assert f"`{word}`" in text, word
