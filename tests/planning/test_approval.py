"""Approvals are chained: a change, a removal or an insertion is found; overrides are ones the laser has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from milia.base import InputError
from milia.laser import Settings
from milia.planning import (
    Case,
    approvals_path,
    approve,
    case_from_mapping,
    count_setting,
    overridden,
    read_approvals,
    read_overrides,
)

WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HASH = "ab" * 32


def case() -> Case:
    return case_from_mapping(
        {
            "patient": {"age": "34 year", "sex": "female", "skin_type": "II", "history": []},
            "lesion": {
                "site": "cheek",
                "diameter": "1.0 mm",
                "roof": "90 um ± 20 um",
                "count": 1,
                "diagnosis": {"condition": "milium", "confirmed": True},
            },
            "device": "generic-superpulse-co2",
        },
        file="case.yaml",
    )


def settings(**changes: float) -> Settings:
    made = {
        "pulse_energy_J": 0.1,
        "pulse_duration_s": 416.7e-6,
        "spot_diameter_m": 500e-6,
        "pulses": 2,
        "interval_s": 0.2,
        "passes": 1,
    }
    return Settings(**{**made, **changes})  # type: ignore[arg-type]


@pytest.fixture
def three(tmp_path: Path) -> Path:
    path = approvals_path(tmp_path / "plan.json")
    for number in range(3):
        approve(path, plan_hash=HASH, by=f"Dr {number}", reason="seen and agreed", when=WHEN)
    return path


def test_records_are_chained_and_read_back(three: Path) -> None:
    assert three.name == "plan.approvals.jsonl"
    found = read_approvals(three)
    assert [one.by for one in found] == ["Dr 0", "Dr 1", "Dr 2"]
    assert found[0].previous == "0" * 64
    assert found[2].previous == found[1].hash
    assert found[0].when == "2026-03-02T09:30:00Z"
    assert found[0].plan_id == HASH[:12]


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    ("key", "value"), [("by", "Dr X"), ("reason", "other"), ("when", "2026-03-03T09:30:00Z")]
)
def test_a_changed_record_is_found(three: Path, at: int, key: str, value: str) -> None:
    lines = three.read_text(encoding="utf-8").splitlines()
    record = json.loads(lines[at])
    record[key] = value
    lines[at] = json.dumps(record, ensure_ascii=False)
    three.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"line {at + 1}"):
        read_approvals(three)
    with pytest.raises(InputError):
        approve(three, plan_hash=HASH, by="Dr 4", reason="seen too", when=WHEN)


def test_a_removed_or_moved_record_is_found(three: Path) -> None:
    lines = three.read_text(encoding="utf-8").splitlines()
    for kept in ([lines[1], lines[2]], [lines[0], lines[2]], [lines[1], lines[0], lines[2]]):
        three.write_text("\n".join(kept) + "\n", encoding="utf-8")
        with pytest.raises(InputError, match="taken out, put in or changed"):
            read_approvals(three)


def test_overrides_are_read_strictly() -> None:
    assert read_overrides(["pulse_energy_mJ=125", "pulses=3"]) == {"pulse_energy_mJ": 125.0, "pulses": 3.0}
    for words, said in (
        (["energy=3"], "pulse_energy_mJ=VALUE"),
        (["pulses=1.5"], "whole number"),
        (["pulses=1", "pulses=2"], "twice"),
        (["pulse_energy_mJ=-1"], "above 0"),
        (["pulse_energy_mJ"], "cannot be overridden"),
    ):
        with pytest.raises(InputError, match=said):
            read_overrides(words)


def test_an_override_is_a_step_of_the_device_or_refused_by_name() -> None:
    made = overridden(settings(), {"pulse_energy_mJ": 125.0}, case())
    assert made.pulse_energy_J == pytest.approx(0.125)
    assert made.pulse_duration_s == pytest.approx(520.8e-6)
    with pytest.raises(InputError, match=r"--override\.pulse_energy"):
        overridden(settings(), {"pulse_energy_mJ": 126.0}, case())
    with pytest.raises(InputError, match=r"--override\.pulses"):
        overridden(settings(), {"pulses": 11.0}, case())
    with pytest.raises(InputError, match="several passes"):
        overridden(settings(), {"passes": 2.0}, case())


def test_more_energy_opens_and_harms_no_less() -> None:
    low = count_setting(case(), settings(), seed=0, scenarios=8)
    high = count_setting(
        case(), overridden(settings(), {"pulse_energy_mJ": 250.0}, case()), seed=0, scenarios=8
    )
    assert high.p_open >= low.p_open
    assert high.p_harm >= low.p_harm
    assert high.scenarios == 8
    assert high.settings.pulse_energy_J == pytest.approx(0.25)


def test_a_reason_and_a_name_are_needed(tmp_path: Path) -> None:
    for who, why in (("", "agreed"), ("Dr A", " "), ("Dr A", "ok")):
        with pytest.raises(InputError):
            approve(tmp_path / "p.approvals.jsonl", plan_hash=HASH, by=who, reason=why, when=WHEN)
    assert not (tmp_path / "p.approvals.jsonl").exists()
