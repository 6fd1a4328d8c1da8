"""Devices: the library, the clinic's own, test shots, and a calibration from shots to the plan's device."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milia.laser import device_from_mapping
from milia.records import Device, TestShots
from milia.web.app import find_tasks
from milia.web.rooms.devices_shots import rows_together
from milia.web.serve_work import run_next

ROOT = Path(__file__).resolve().parents[2]
SHOTS = (ROOT / "examples" / "shots.csv").read_bytes()
LIBRARY = "generic-superpulse-co2"
SHOT = {
    "tissue": "pig skin",
    "in_ex_vivo": "ex vivo",
    "pulse": "10|166.667",
    "spot_diameter_um": "300",
    "n_pulses": "1",
    "interval_ms": "5",
    "measured_depth_um": "62",
    "sd_um": "3",
}


@pytest.fixture
def laser(browser_of: Callable[[str], Any]) -> tuple[Any, str]:
    """A doctor with one device of the clinic."""
    doctor = browser_of("doctor")
    made = doctor.post_form("/devices", {"name": "Room 2", "serial": "A-1", "library": LIBRARY})
    assert made.url.path.startswith("/devices/")
    return doctor, made.url.path.rpartition("/")[2]


def test_a_device_is_added_changed_and_its_name_is_used_once(laser: tuple[Any, str], browser_of: Any) -> None:
    doctor, device_id = laser
    assert doctor.post_form("/devices", {"name": "Room 2", "library": LIBRARY}).status_code == 422
    wrong = doctor.post_form("/devices", {"name": "Room 3", "library": "generic-superpulse-co3"})
    assert wrong.status_code == 422
    assert LIBRARY in wrong.text
    page = doctor.get(f"/devices/{device_id}").text
    assert "10.6 µm" in page
    assert "not calibrated" in page
    changed = {"name": "Room 4", "state": "retired", "version": "1"}
    assert doctor.post_form(f"/devices/{device_id}", changed).status_code == 200
    assert doctor.post_form(f"/devices/{device_id}", {**changed, "name": "Room 5"}).status_code == 409
    own = doctor.get("/api/v1/devices").json()
    assert [(each["content"]["name"], each["content"]["state"]) for each in own] == [("Room 4", "retired")]
    assert browser_of("nurse").post_form("/devices", {"name": "x", "library": LIBRARY}).status_code == 403
    assert browser_of("front_desk").get("/devices").status_code == 403


def test_a_device_file_is_read_as_strictly_as_by_the_command_line(browser_of: Any, clinic: Any) -> None:
    doctor = browser_of("doctor")
    good = (ROOT / "examples" / "my_device.yaml").read_bytes()

    def send(data: bytes) -> Any:
        fields = {"name": "Own", "library": LIBRARY}
        return doctor.post_form("/devices", fields, files={"file": ("own.yaml", data, "text/yaml")})

    for bad, key in (
        (good.replace(b"superpulse", b"hyperpulse"), "device.kind"),
        (b"device: [", ""),
        (b"\xff\xfe\x00", ""),
        (b"a: &a [*a]", ""),
    ):
        answer = send(bad)
        assert answer.status_code == 422, answer.text
        assert key in answer.text
        assert "/tmp" not in answer.text
    assert send(good).status_code == 200
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        (entry,) = acting.entries(Device)
    assert device_from_mapping(entry.content.definition).title == "CO2 laser of room 2"


def test_shots_are_entered_one_by_one_taken_back_and_signed(laser: tuple[Any, str], clinic: Any) -> None:
    doctor, device_id = laser
    path = f"/devices/{device_id}/shots"
    assert doctor.post_form(path, SHOT).status_code == 200
    assert (
        doctor.post_form(path, {**SHOT, "pulse": "40|166.667", "measured_depth_um": "283"}).status_code == 200
    )
    for change, key in (
        ({"measured_depth_um": ""}, "measured_depth_um"),
        ({"measured_depth_um": "deep"}, "measured_depth_um"),
        ({"spot_diameter_um": "333"}, "line 4"),
        ({"tissue": "paper"}, "tissue"),
    ):
        answer = doctor.post_form(path, {**SHOT, **change})
        assert answer.status_code == 422
        assert key in answer.text
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        (sheet,) = acting.entries(TestShots, device_id=device_id)
    assert [row["row_id"] for row in sheet.content.rows] == ["1", "2"]
    doctor.post_form(f"{path}/{sheet.id}/undo", {"version": str(sheet.version)})
    (found,) = doctor.get(f"/api/v1{path}").json()
    assert len(found["content"]["rows"]) == 1
    assert doctor.post_form(f"{path}/{sheet.id}/sign", {"version": str(found["version"])}).status_code == 200
    assert doctor.post_form(path, SHOT).status_code == 200
    assert len(doctor.get(f"/api/v1{path}").json()) == 2, "a signed sheet takes no more shots"


def test_a_file_of_shots_is_taken_over_whole_or_not_at_all(laser: tuple[Any, str]) -> None:
    doctor, device_id = laser
    path = f"/devices/{device_id}/shots"

    def send(data: bytes) -> Any:
        return doctor.post_form(f"{path}/file", files={"file": ("shots.csv", data, "text/csv")})

    wrong = send(SHOTS.replace(b",446,", b",4460000,"))
    assert wrong.status_code == 422
    assert "line 5" in wrong.text
    assert doctor.get(f"/api/v1{path}").json() == []
    assert send(SHOTS).status_code == 200
    (sheet,) = doctor.get(f"/api/v1{path}").json()
    assert [row["measured_depth_um"] for row in sheet["content"]["rows"][:2]] == ["62", "125"]
    assert send(b"").status_code == 422


def test_a_calibration_goes_from_shots_to_the_device_of_the_plans_and_back(
    laser: tuple[Any, str], clinic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import milia.calibration
    from milia.calibration.clinic.run import Effort
    from milia.calibration.sampling import Sampler

    quick = Effort(design=72, check=6, sampler=Sampler(walkers=44, burn=120, steps=120))
    real = milia.calibration.calibrate_device
    monkeypatch.setattr(milia.calibration, "calibrate_device", functools.partial(real, effort=quick))
    doctor, device_id = laser
    assert doctor.post_form(f"/devices/{device_id}/calibrate").status_code == 422, "there is no shot yet"
    few = b"\n".join(SHOTS.splitlines()[:3]) + b"\n"
    doctor.post_form(f"/devices/{device_id}/shots/file", files={"file": ("s.csv", few, "text/csv")})
    doctor.post_form(f"/devices/{device_id}/calibrate")
    part = doctor.get(f"/devices/{device_id}/calibration")
    assert "Calibrating: 0 % done" in part.text
    assert run_next(clinic.records, find_tasks())
    page = doctor.get(f"/devices/{device_id}").text
    assert "This is new and not in use yet" in page
    assert "Your laser delivers" in page
    report = doctor.get(f"/devices/{device_id}/report")
    assert "Your laser delivers" in report.text
    assert "script" not in report.headers["content-security-policy"]
    assert "<script" not in report.text
    kept = doctor.post_form(f"/devices/{device_id}/calibration/keep", {"version": "1"})
    assert "Plans use the calibrated device" in kept.text
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        definition = acting.get(Device, device_id).content.definition
    from milia.laser import DEVICE_KEYS

    calibrated = device_from_mapping({key: definition[key] for key in DEVICE_KEYS if key in definition})
    assert calibrated.calibrated is not None
    assert calibrated.calibrated.shots == 2
    assert definition["origin"] == {"library": LIBRARY}
    back = doctor.post_form(f"/devices/{device_id}/calibration/undo", {"version": "2"})
    assert "not calibrated" in back.text
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        assert acting.get(Device, device_id).content.definition == {"library": LIBRARY}
    assert doctor.get(f"/devices/{device_id}/report").status_code == 404
    token = {"X-CSRF-Token": doctor.token_of()}
    path = f"/api/v1/devices/{device_id}/calibration"
    assert doctor.post(path, json={"version": 3}, headers=token).status_code == 422, "it was kept once"


def test_a_calibration_that_fails_says_why_and_another_ones_job_is_not_used(
    laser: tuple[Any, str], clinic: Any, browser_of: Callable[[str], Any]
) -> None:
    doctor, device_id = laser
    doctor.post_form(f"/devices/{device_id}/shots/file", files={"file": ("s.csv", SHOTS, "text/csv")})
    doctor.post_form(f"/devices/{device_id}/calibrate")

    def refuses(content: Any, beat: Any) -> Any:
        del content, beat
        from milia.base import InputError

        raise InputError("the shots contradict each other", key="shots", accepted="shots of one laser")

    for _ in range(3):
        run_next(clinic.records, {"calibrate": refuses})
    assert "the shots contradict each other" in doctor.get(f"/devices/{device_id}").text
    other = doctor.post_form("/devices", {"name": "Room 9", "library": LIBRARY}).url.path.rpartition("/")[2]
    run_next(clinic.records, {})
    doctor.post_form(f"/devices/{device_id}/calibrate")
    run_next(
        clinic.records,
        {
            "calibrate": lambda content, _: {
                "device_id": content["device_id"],
                "result": {},
                "profile": {"a": 1},
            }
        },
    )
    job = doctor.get(f"/api/v1/drafts/calibration-job/{device_id}").json()["content"]
    token = {"X-CSRF-Token": doctor.token_of()}
    doctor.put(f"/api/v1/drafts/calibration-job/{other}", json={"content": job}, headers=token)
    answer = doctor.post(f"/api/v1/devices/{other}/calibration", json={"version": 1}, headers=token)
    assert answer.status_code == 422
    assert browser_of("nurse").post_form(f"/devices/{device_id}/calibrate").status_code == 403


def test_shots_of_several_sheets_keep_apart() -> None:
    class Sheet:
        def __init__(self, seq: int) -> None:
            self.seq = seq
            self.content = TestShots(device_id="0" * 32, shot_on="2026-03-01", rows=({"row_id": "1"},))

    names = [row["row_id"] for row in rows_together([Sheet(2), Sheet(1)])]  # type: ignore[list-item]
    assert names == ["2026-03-01 #1 1", "2026-03-01 #2 1"]
