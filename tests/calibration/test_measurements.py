"""The measured rows: every one is used or says why not, and nothing in them is silently taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from milia.calibration.measurements import TABLE, read_measurements, read_studies
from milia.knowledge import KnowledgeError, load_knowledge

# rows of the evidence table; those kept back as a blind test (2, 5, 7, 25, 27, 31, 48) are nowhere in it
ROWS = {*range(1, 68)} - {2, 5, 7, 25, 27, 31, 48}


def test_every_row_is_there() -> None:
    assert {row.row for row in read_measurements()} == ROWS


def test_every_row_is_fitted_or_says_why_not() -> None:
    for row in read_measurements():
        assert (row.role == "fit") != bool(row.reason), row.label


def test_poor_rows_are_never_fitted() -> None:
    assert all(row.quality in ("A", "B") for row in read_measurements() if row.role == "fit")


def test_every_simulated_row_has_its_study_and_every_row_its_source() -> None:
    known = load_knowledge()
    for row in read_measurements():
        if row.role != "none":
            assert row.study in read_studies(), row.label
        if row.source:
            known.source(row.source)


def test_what_a_study_leaves_unsaid_is_a_default_and_uncertain() -> None:
    known = load_knowledge()
    for quantity in known.quantities("experiment"):
        if quantity.flag == "default":
            assert "milia_default" in quantity.source
    for study in read_studies().values():
        assert {"delivered", "temperature", "water_scale"} <= {m.name for m in study.conditions}


def test_units_are_read() -> None:
    rows = {row.label: row for row in read_measurements()}
    row = rows["1.depth"]
    assert row.value == pytest.approx(139.6e-6)
    assert dict(row.settings) == pytest.approx({"spot_diameter": 250e-6, "pulse_energy": 0.05})
    assert row.log_sd == pytest.approx(18.2 / 139.6, abs=1e-3)
    assert row.peer == pytest.approx(61e-6)
    assert rows["35.heat_of_ablation"].value == pytest.approx(4.8e9)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",fit,depth,equals,139.6", ",guess,depth,equals,139.6", "role"),
        (",fit,depth,equals,139.6", ",fit,volume,equals,139.6", "observable"),
        (",fit,depth,equals,139.6", ",fit,depth,near,139.6", "relation"),
        (",fit,depth,equals,139.6,,,um", ",fit,depth,equals,139.6,,,inch", "unit"),
        (",fit,depth,equals,139.6", ",fit,depth,equals,", "above zero"),
        (",fit,depth,equals,139.6", ",show,depth,equals,139.6", "reason"),
        ("pulse_energy_mJ=50,,A", "pulse_energy_J=50,,A", "setting"),
        ("pulse_energy_mJ=50,,A", "pulse_energy_mJ=50,,C", "quality C"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "rows.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=says):
        read_measurements(path)


def test_a_row_given_twice_is_refused(tmp_path: Path) -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="once"):
        read_measurements(path)
