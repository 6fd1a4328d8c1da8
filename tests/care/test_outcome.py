"""The outcome record: closed words, no contradiction, the same after a trip through a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from milia.base import InputError
from milia.care import (
    OUTCOME_COLUMNS,
    OutcomeRecord,
    outcome_choices,
    outcome_rows,
    read_outcomes,
    write_outcomes,
)
from milia.care.followup import PATHWAY_KEYS, VISIT_KEYS
from milia.care.rules import rules

ID = "0123456789ab"
LASER = {
    "plan_id": ID,
    "lesion": "1",
    "treated_on": "2026-12-01",
    "action": "laser",
    "pulse_energy_mJ": 35.0,
    "pulse_duration_us": 900.0,
    "spot_diameter_um": 300.0,
    "pulses_fired": 3,
    "interval_ms": 100.0,
    "opened": "yes",
    "opened_in_pulses": 2,
    "emptied": "yes",
    "healed_day": 8,
    "open_on_day": 5,
    "mark_week_12": "none",
}
NEEDLE = {"plan_id": ID, "lesion": "left lid, outer", "treated_on": "2026-12-01", "action": "extract"}


def _csv(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    path = tmp_path / "outcomes.csv"
    path.write_text(write_outcomes(rows), encoding="utf-8")
    return path


def test_a_record_survives_csv_and_yaml(tmp_path: Path) -> None:
    from_csv = read_outcomes(_csv(tmp_path, LASER, NEEDLE))
    path = tmp_path / "outcomes.yaml"
    path.write_text(yaml.safe_dump({"outcomes": [LASER, NEEDLE]}), encoding="utf-8")
    # A date that YAML's own writer leaves bare is text for this reader.
    assert read_outcomes(path) == from_csv
    assert from_csv[0].opened_in_pulses == 2
    assert from_csv[0].treated_on == date(2026, 12, 1)
    assert from_csv[1].mark_week_12 == "not_seen"
    assert write_outcomes(from_csv) == write_outcomes(
        read_outcomes(_csv(tmp_path, *[r.model_dump(mode="json") for r in from_csv]))
    )


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"mark_week_12": "brown"}, "mark_week_12", "none, red, dark, pale, raised, sunken, not_seen"),
        ({"opened": "maybe"}, "opened", "yes, no, not_seen"),
        ({"healed_day": "-1"}, "healed_day", "greater than or equal to 0"),
        ({"healed_day": "8.5"}, "healed_day", "integer"),
        ({"healed_day": "nan"}, "healed_day", "integer"),
        ({"pulse_energy_mJ": "inf"}, "pulse_energy_mJ", "finite"),
        ({"treated_on": "86400"}, "treated_on", "2026-12-01"),
        ({"treated_on": "2026-02-30"}, "treated_on", "out of range"),
        ({"treated_on": ""}, "treated_on", "missing"),
        ({"plan_id": "XYZ"}, "plan_id", "pattern"),
        ({"action": "cryotherapy"}, "action", "laser"),
        ({"pulses_fired": ""}, "line 2", "a laser record needs"),
        ({"opened_in_pulses": "4"}, "line 2", "more pulses than were fired"),
        ({"opened": "no"}, "line 2", "needs opened: yes"),
        ({"opened_in_pulses": ""}, "line 2", "opened: yes needs opened_in_pulses"),
        ({"interval_ms": ""}, "line 2", "interval_ms is needed"),
        ({"open_on_day": "9"}, "line 2", "seen open after"),
        ({"gone_by_itself_week": "4"}, "line 2", "only an untreated"),
        ({"satisfaction": "11"}, "satisfaction", "less than or equal to 10"),
        ({"note": "x" * 501}, "note", "500"),
        ({"note": "left\u202eright"}, "note", "one line"),
    ],
)
def test_what_is_refused_names_line_and_column(
    tmp_path: Path, change: dict[str, str], key: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_outcomes(_csv(tmp_path, {**LASER, **change}))
    message = str(caught.value)
    assert "outcomes.csv: line 2" in message
    assert key in message
    assert said in message


@pytest.mark.parametrize(
    ("value", "column"), [("8", "healed_day"), (True, "healed_day"), (8.0, "healed_day"), (1, "opened")]
)
def test_yaml_is_read_strictly(tmp_path: Path, value: Any, column: str) -> None:
    path = tmp_path / "outcomes.yaml"
    path.write_text(yaml.safe_dump({"outcomes": [{**LASER, column: value}]}), encoding="utf-8")
    with pytest.raises(InputError, match=rf"outcomes\[0\].*{column}"):
        read_outcomes(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plan_id,leson\n", "header"),
        ("plan_id,plan_id\n", "header"),
        ("lesion\n1\n", "header"),
        ("plan_id,lesion\na\n", "number of cells"),
        ("plan_id,lesion\na,b,c\n", "number of cells"),
        ('plan_id,lesion\n"a,b\n', "not CSV"),
        ("", "header"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_outcomes(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_outcomes(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_outcomes(tmp_path / "absent.csv")


@settings(deadline=None)
@given(note=st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable() and text.strip() == text))
def test_text_in_a_cell_never_becomes_a_formula(note: str) -> None:
    text = write_outcomes([OutcomeRecord.model_validate({**NEEDLE, "note": note})])
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert not row["note"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["note"].removeprefix("'") == note.removeprefix("'")


def test_the_rows_to_fill_in_carry_the_plan_and_are_records(make_pack: Any, tmp_path: Path) -> None:
    pack = make_pack(count=3)
    found = read_outcomes(_csv(tmp_path, *map(dict, outcome_rows(pack))))
    assert [record.lesion for record in found] == ["1", "2", "3"]
    assert {record.plan_id for record in found} == {pack.plan_id}
    assert found[0].pulse_energy_mJ == 35.0
    assert found[0].opened == "not_seen"
    (watched,) = outcome_rows(make_pack(age="10 day"))
    assert watched["action"] == "observe"


def test_every_visit_fills_fields_that_exist_and_every_field_has_a_visit(knowledge: Any) -> None:
    asked = {
        name
        for rule in rules("care.followup", knowledge=knowledge, keys=VISIT_KEYS)
        for name in rule.statement.extra["record"]
    }
    paths = {rule.text_of("field") for rule in rules("care.pathway", knowledge=knowledge, keys=PATHWAY_KEYS)}
    assert asked | paths <= set(OUTCOME_COLUMNS)
    # What is known on the day itself, or said by nobody but the clinic.
    on_the_day = set(OUTCOME_COLUMNS[: OUTCOME_COLUMNS.index("emptied")]) | {"open_on_day", "note"}
    assert set(OUTCOME_COLUMNS) - on_the_day <= asked | paths


def test_the_manual_names_every_column_and_word() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "care.md").read_text(encoding="utf-8")
    for column in OUTCOME_COLUMNS:
        assert f"`{column}`" in manual, column
        for word in outcome_choices(column):
            assert re.search(rf"`{word}`", manual), word
    assert OutcomeRecord.model_config["extra"] == "forbid"
