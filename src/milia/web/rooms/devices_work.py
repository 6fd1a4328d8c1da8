"""What is done with the clinic's devices, for the pages and for the API alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milia.base import InputError
from milia.laser import Device as Laser
from milia.records import Acting, Device, Entry, Job, TestShots
from milia.web.i18n import mark
from milia.web.pages_ask import Asking
from milia.web.rooms.devices_outcomes import Recorded, recorded_of
from milia.web.rooms.devices_shots import (
    as_csv,
    check,
    laser_of,
    rows_of_csv,
    rows_together,
    without_calibration,
)

__all__ = ["JOB", "add_device", "add_file", "job_of", "keep", "laser_entry", "sheets_of", "start"]

JOB = "calibration-job"


def laser_entry(acting: Acting, device_id: str) -> tuple[Entry[Device], Laser]:
    """Give a device with the laser that it describes."""
    entry = acting.get(Device, device_id)
    return entry, laser_of(entry.content.definition)


def sheets_of(acting: Acting, device_id: str) -> list[Entry[TestShots]]:
    """Give the sheets of test shots of a device, newest first."""
    return acting.entries(TestShots, device_id=device_id, limit=200)


def job_of(ask: Asking, acting: Acting, device_id: str) -> Job | None:
    """Give one's own last calibration of a device, whatever became of it."""
    if not (ask.can("job.own") and ask.can("device.write")):
        return None
    draft = acting.drafts.get(JOB, device_id)
    found = acting.jobs.get(str(draft.content["job"])) if draft else None
    return None if found and found.state == "done" and found.result["device_id"] != device_id else found


def add_device(ask: Asking, name: str, serial: str, definition: Mapping[str, Any]) -> Entry[Device]:
    """Add a device under a name that no other in use has."""
    with ask.acting() as acting:
        if any(each.content.name == name for each in acting.entries(Device, state="in_use", limit=200)):
            raise InputError(
                mark("A device in use has this name."), key="name", value=name, accepted=mark("another one")
            )
        return acting.add(Device(name=name, serial=serial, definition=dict(definition)))


def add_file(ask: Asking, device_id: str, data: bytes) -> Entry[TestShots]:
    """Add a file of shots as one sheet of today."""
    with ask.acting() as acting:
        entry, _ = laser_entry(acting, device_id)
        rows = rows_of_csv(data, laser_of(without_calibration(entry.content.definition)))
        return acting.add(TestShots(device_id=device_id, shot_on=ask.today.isoformat(), rows=rows))


def start(ask: Asking, device_id: str, leave_out: list[str], *, outcomes: bool = False) -> str:
    """Put a calibration on all shots of a device into the queue, with the recorded outcomes if asked."""
    with ask.acting() as acting:
        entry, _ = laser_entry(acting, device_id)
        definition = without_calibration(entry.content.definition)
        rows = rows_together(sheets_of(acting, device_id))
        left = [each.strip() for each in leave_out]
        check(as_csv(rows), laser_of(definition), leave_out=left)
        content = {"device_id": device_id, "definition": definition, "rows": rows, "leave_out": left}
        if outcomes:
            content["outcomes"] = _usable(recorded_of(acting, device_id))
        job_id = acting.jobs.add("calibrate_with_outcomes" if outcomes else "calibrate", content)
        known = acting.drafts.get(JOB, device_id)
        acting.drafts.save(JOB, device_id, {"job": job_id}, version=known.version if known else 0)
        return job_id


def _usable(found: Recorded) -> dict[str, Any]:
    if not found.used:
        raise InputError(
            mark("No recorded outcome of this laser can be used yet."),
            key="outcomes",
            accepted=mark("at least one signed treatment of which something was seen"),
        )
    return found.as_content()


def keep(ask: Asking, device_id: str, version: int) -> None:
    """Put the profile that the last calibration found in place of the definition."""
    with ask.acting() as acting:
        job = job_of(ask, acting, device_id)
        if job is None or job.state != "done" or not job.result["profile"]:
            raise InputError(
                mark("There is no calibration to keep."), key="calibration", accepted=mark("one that is done")
            )
        entry = acting.get(Device, device_id)
        kept = {
            **job.result["profile"],
            "origin": without_calibration(entry.content.definition),
            "report": job.result["result"],
        }
        acting.change(Device, device_id, version=version, definition=kept)
        acting.drafts.drop(JOB, device_id)
