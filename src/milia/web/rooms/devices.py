"""The clinic's lasers: the library, its own devices, test shots, and the calibration with its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path
from starlette.responses import HTMLResponse, Response

from milia.base import InputError
from milia.laser import Device as Laser
from milia.laser import device, devices
from milia.records import Device, NotFound, TestShots
from milia.web.i18n import mark
from milia.web.pages import Nav, Room
from milia.web.pages_ask import Ask, Asking
from milia.web.rooms.devices_look import DEVICE_KINDS, check_chart, delivered, facts_of, share_chart
from milia.web.rooms.devices_outcomes import recorded_of
from milia.web.rooms.devices_shots import (
    as_csv,
    calibrate,
    check,
    definition_of_file,
    laser_of,
    pulse_choices,
    row_of,
    without_calibration,
)
from milia.web.rooms.devices_work import (
    JOB,
    add_device,
    add_file,
    job_of,
    keep,
    laser_entry,
    sheets_of,
    start,
)
from milia.web.rooms.follow_up import MARKS
from milia.web.rooms.patients_json import Id
from milia.web.rooms.patients_words import SITES

room = Room("devices", nav=(Nav(mark("Devices"), "/devices", 40, "device.read", icon="device"),))

_FILE_bytes = 4_300_000
Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,80}$")]
# The report is one file with its styles inside; it has no script, and is let out of nothing.
_REPORT_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@room.task("calibrate")
def calibrate_task(content: Any, beat: Any) -> Any:
    """Calibrate in a worker."""
    return calibrate(content, beat)


@room.task("calibrate_with_outcomes")
def calibrate_outcomes_task(content: Any, beat: Any) -> Any:
    """Calibrate on shots and recorded outcomes; the trail names this task."""
    return calibrate(content, beat)


@room.page("/devices", action="device.read")
def devices_page(ask: Ask) -> Response:
    """Show the clinic's devices and the library."""
    with ask.acting() as acting:
        own = acting.entries(Device, limit=200)
    lasers = [(each, laser_of(each.content.definition)) for each in own]
    shown = [(each, laser, delivered(laser)) for each, laser in lasers]
    shown.sort(key=lambda row: (row[0].content.state != "in_use", row[0].content.name))
    return ask.page(
        "devices.html",
        page="list",
        own=shown,
        library=devices(),
        options=[(each.name, each.title) for each in devices()],
        kinds=DEVICE_KINDS,
    )


@room.page("/devices/library/{name}", action="device.read")
def library_page(ask: Ask, name: Name) -> Response:
    """Show one device of the library."""
    laser = _in_library(name)
    return ask.page(
        "devices.html", page="library", laser=laser, facts=facts_of(laser, ask.words), kinds=DEVICE_KINDS
    )


def _in_library(name: str) -> Laser:
    if name not in {each.name for each in devices()}:
        raise NotFound("The device library has no such device.")
    return device(name)


@room.form("/devices", action="device.write", most_bytes=_FILE_bytes)
def new_device(ask: Ask) -> Response:
    """Add a device like one of the library, or as its own file describes it."""
    form = ask.form
    files = form.files("file")
    if files:
        definition = definition_of_file(files[0].file.read())
    else:
        definition = {"library": device(form.text("library"), key="library").name}
    made = add_device(ask, form.text("name"), form.maybe("serial"), definition)
    return ask.go(f"/devices/{made.id}", said=mark("The device is saved."))


@room.page("/devices/{device_id}", action="device.read")
def device_page(ask: Ask, device_id: Id) -> Response:
    """Show one device: what it delivers, its test shots, its calibration."""
    with ask.acting() as acting:
        entry, laser = laser_entry(acting, device_id)
        sheets = sheets_of(acting, device_id)
        job = job_of(ask, acting, device_id)
    base = laser_of(without_calibration(entry.content.definition))
    report = entry.content.definition.get("report")
    return ask.page(
        "device.html",
        entry=entry,
        laser=laser,
        facts=facts_of(laser, ask.words),
        kinds=DEVICE_KINDS,
        sheets=sheets,
        shots=sum(len(each.content.rows) for each in sheets),
        pulses=pulse_choices(base),
        spots=[f"{1e6 * each:.6g}" for each in base.spot_diameters_m],
        intervals=[f"{1e3 * each:.6g}" for each in base.interval_s],
        report=report,
        pictures=_pictures(report, ask),
        job=job,
        found_pictures=_pictures(job.result["result"], ask) if job and job.state == "done" else None,
        day=ask.today,
    )


def _pictures(result: Mapping[str, Any] | None, ask: Asking) -> dict[str, Any] | None:
    if result is None:
        return None
    return {"shots": check_chart(result, ask.words), "share": share_chart(result, ask.words)}


@room.form("/devices/{device_id}", action="device.write")
def change_device(ask: Ask, device_id: Id) -> Response:
    """Change name, serial number or whether it is in use."""
    form = ask.form
    fields = {"name": form.text("name"), "serial": form.maybe("serial"), "state": form.text("state")}
    with ask.acting() as acting:
        acting.change(Device, device_id, version=form.whole("version"), merge=form.flag("merge"), **fields)
    return ask.go(f"/devices/{device_id}", said=mark("The device is saved."))


@room.form("/devices/{device_id}/shots", action="test_shots.write")
def add_shot(ask: Ask, device_id: Id) -> Response:
    """Add one shot to today's sheet."""
    with ask.acting() as acting:
        entry, _ = laser_entry(acting, device_id)
        base = laser_of(without_calibration(entry.content.definition))
        day = ask.today.isoformat()
        sheet = next(
            (
                each
                for each in sheets_of(acting, device_id)
                if each.content.shot_on == day and not each.signed and each.created_by == ask.user.id
            ),
            None,
        )
        rows = sheet.content.rows if sheet else ()
        taken = {row["row_id"] for row in rows}
        name = next(str(n) for n in range(1, len(rows) + 2) if str(n) not in taken)
        added = (*rows, row_of(ask.form, name))
        check(as_csv(added), base)
        if sheet is None:
            acting.add(TestShots(device_id=device_id, shot_on=day, rows=added))
        else:
            acting.change(TestShots, sheet.id, version=sheet.version, rows=added)
        acting.drafts.drop("shot", device_id)
    return ask.go(f"/devices/{device_id}#shots", said=mark("The shot is saved."))


@room.form("/devices/{device_id}/shots/file", action="test_shots.write", most_bytes=_FILE_bytes)
def add_shots_file(ask: Ask, device_id: Id) -> Response:
    """Add a file of shots as one sheet."""
    files = ask.form.files("file")
    if not files:
        raise InputError(mark("This field is empty."), key="file", accepted=mark("a CSV file"))
    add_file(ask, device_id, files[0].file.read())
    return ask.go(f"/devices/{device_id}#shots", said=mark("The shots are saved."))


@room.form("/devices/{device_id}/shots/{shots_id}/undo", action="test_shots.write")
def undo_shots(ask: Ask, device_id: Id, shots_id: Id) -> Response:
    """Take the last save of a sheet back."""
    with ask.acting() as acting:
        acting.undo(TestShots, shots_id, version=ask.form.whole("version"))
    return ask.go(f"/devices/{device_id}#shots", said=mark("The last step is taken back."))


@room.form("/devices/{device_id}/shots/{shots_id}/sign", action="test_shots.sign")
def sign_shots(ask: Ask, device_id: Id, shots_id: Id) -> Response:
    """Make a sheet final."""
    with ask.acting() as acting:
        acting.sign(TestShots, shots_id, version=ask.form.whole("version"))
    return ask.go(f"/devices/{device_id}#shots", said=mark("The sheet is signed."))


@room.form("/devices/{device_id}/calibrate", action="device.write")
def calibrate_device(ask: Ask, device_id: Id) -> Response:
    """Put a calibration on all of a device's shots into the queue."""
    start(ask, device_id, [each for each in ask.form.maybe("leave_out").split(",") if each.strip()])
    return ask.go(f"/devices/{device_id}#calibration")


@room.page("/devices/{device_id}/outcomes", action="device.outcomes")
def outcomes_page(ask: Ask, device_id: Id) -> Response:
    """Show which recorded outcomes a calibration would take, and why it would not take the others."""
    with ask.acting() as acting:
        entry = acting.get(Device, device_id)
        shots = sum(len(each.content.rows) for each in sheets_of(acting, device_id))
        found = recorded_of(acting, device_id)
    return ask.page("device_outcomes.html", entry=entry, found=found, shots=shots, sites=SITES, marks=MARKS)


@room.form("/devices/{device_id}/outcomes", action="device.outcomes")
def calibrate_with_outcomes(ask: Ask, device_id: Id) -> Response:
    """Put a calibration on all shots and on what was recorded of the treatments into the queue."""
    start(ask, device_id, [], outcomes=True)
    return ask.go(f"/devices/{device_id}#calibration")


@room.page("/devices/{device_id}/calibration", action="device.write")
def calibration_part(ask: Ask, device_id: Id) -> Response:
    """Say how far the calibration has come; the page loads itself again once it is done."""
    with ask.acting() as acting:
        job = job_of(ask, acting, device_id)
    if job is None or job.state not in ("queued", "running"):
        return ask.go(f"/devices/{device_id}#calibration")
    return ask.part("components/calibration_wait.html", job=job, device_id=device_id)


@room.form("/devices/{device_id}/calibration/keep", action="device.write")
def keep_calibration(ask: Ask, device_id: Id) -> Response:
    """Use the profile that the calibration found from now on."""
    keep(ask, device_id, ask.form.whole("version"))
    return ask.go(
        f"/devices/{device_id}#calibration", said=mark("Plans use the calibrated device from now on.")
    )


@room.form("/devices/{device_id}/calibration/drop", action="device.write")
def drop_calibration(ask: Ask, device_id: Id) -> Response:
    """Stop a calibration, or let its result go."""
    with ask.acting() as acting:
        job = job_of(ask, acting, device_id)
        if job is not None:
            acting.jobs.cancel(job.id)
        acting.drafts.drop(JOB, device_id)
    return ask.go(f"/devices/{device_id}#calibration")


@room.form("/devices/{device_id}/calibration/undo", action="device.write")
def without(ask: Ask, device_id: Id) -> Response:
    """Use the device as it was before any calibration."""
    with ask.acting() as acting:
        entry = acting.get(Device, device_id)
        definition = without_calibration(entry.content.definition)
        acting.change(Device, device_id, version=ask.form.whole("version"), definition=definition)
    return ask.go(f"/devices/{device_id}#calibration", said=mark("The device is used without a calibration."))


@room.page("/devices/{device_id}/report", action="device.read")
def report_page(ask: Ask, device_id: Id) -> Response:
    """Give the report of the calibration in use, or of the one just done, as `milia calibrate` writes it."""
    from milia.report import render_calibration

    with ask.acting() as acting:
        entry = acting.get(Device, device_id)
        job = job_of(ask, acting, device_id)
    done = job.result["result"] if job and job.state == "done" else None
    result = done or entry.content.definition.get("report")
    if result is None:
        raise NotFound("This device has no calibration.")
    return HTMLResponse(render_calibration(result), headers={"content-security-policy": _REPORT_CSP})
