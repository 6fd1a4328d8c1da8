"""The clinic's lasers as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from milia.laser import device, devices
from milia.records import Device
from milia.web.api import Answer, Done, JobOut
from milia.web.pages import Room
from milia.web.pages_ask import Ask
from milia.web.rooms.devices_outcomes import recorded_of
from milia.web.rooms.devices_work import add_device, add_file, keep, sheets_of, start
from milia.web.rooms.patients_json import EntryOut, Id, SmallVersion, entry_out

room = Room("devices")


class LibraryDevice(Answer):
    name: str
    title: str
    kind: str
    wavelength_um: float
    spot_diameters_um: list[float]
    pulses: int = Field(description="How many pairs of energy and duration it offers.")
    source: str
    flag: str
    note: str


class DeviceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=120)]
    serial: Annotated[str, Field(max_length=200)] = ""
    library: Annotated[str, Field(max_length=80)] = Field(description="A device of the library.")


class DeviceChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: SmallVersion
    merge: bool = False
    name: Annotated[str | None, Field(min_length=1, max_length=120)] = None
    serial: Annotated[str | None, Field(max_length=200)] = None
    state: Literal["in_use", "retired"] | None = None


class ShotsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    csv: Annotated[str, Field(min_length=1, max_length=900_000)] = Field(
        description="Shots with the columns that `milia calibrate` reads."
    )


class UsedOut(Answer):
    label: str
    lesion_id: str
    record: dict[str, Any] = Field(
        description="What was fired and seen, with the columns of an outcome record."
    )


class AsideOut(Answer):
    label: str
    lesion_id: str
    why: str


class RecordedOut(Answer):
    used: list[UsedOut]
    set_aside: list[AsideOut]
    older: bool = Field(description="Whether there are older treatments that were not looked at.")


class KeepIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: SmallVersion


@room.api("GET", "/devices", action="device.read")
def devices_json(ask: Ask) -> list[EntryOut]:
    """Give the clinic's devices."""
    with ask.acting() as acting:
        return [entry_out(each) for each in acting.entries(Device, limit=200)]


@room.api("GET", "/devices/library", action="device.read")
def library_json(ask: Ask) -> list[LibraryDevice]:
    """Give the device library."""
    del ask
    return [
        LibraryDevice(
            **{name: getattr(each, name) for name in ("name", "title", "kind", "source", "flag", "note")},
            wavelength_um=round(1e6 * each.wavelength_m, 4),
            spot_diameters_um=[round(1e6 * spot, 3) for spot in each.spot_diameters_m],
            pulses=len(each.deliverable()),
        )
        for each in devices()
    ]


@room.api("POST", "/devices", action="device.write", status_code=201)
def add_device_json(ask: Ask, body: DeviceIn) -> EntryOut:
    """Add a device like one of the library."""
    definition = {"library": device(body.library, key="library").name}
    return entry_out(add_device(ask, body.name, body.serial, definition))


@room.api("GET", "/devices/{device_id}", action="device.read")
def device_json(ask: Ask, device_id: Id) -> EntryOut:
    """Give one device."""
    with ask.acting() as acting:
        return entry_out(acting.get(Device, device_id))


@room.api("PATCH", "/devices/{device_id}", action="device.write")
def change_device_json(ask: Ask, device_id: Id, body: DeviceChange) -> EntryOut:
    """Change a device."""
    fields = body.model_dump(exclude_unset=True, exclude={"version", "merge"}, exclude_none=True)
    with ask.acting() as acting:
        return entry_out(acting.change(Device, device_id, version=body.version, merge=body.merge, **fields))


@room.api("GET", "/devices/{device_id}/shots", action="test_shots.read")
def shots_json(ask: Ask, device_id: Id) -> list[EntryOut]:
    """Give the sheets of test shots of a device."""
    with ask.acting() as acting:
        return [entry_out(each) for each in sheets_of(acting, device_id)]


@room.api("POST", "/devices/{device_id}/shots", action="test_shots.write", status_code=201)
def add_shots_json(ask: Ask, device_id: Id, body: ShotsIn) -> EntryOut:
    """Add a sheet of test shots."""
    return entry_out(add_file(ask, device_id, body.csv.encode("utf-8", "replace")))


@room.api("POST", "/devices/{device_id}/calibrate", action="device.write", status_code=202)
def calibrate_json(ask: Ask, device_id: Id) -> JobOut:
    """Start a calibration; its job says how far it is, and what it found."""
    job_id = start(ask, device_id, [])
    with ask.acting() as acting:
        return JobOut.model_validate(acting.jobs.get(job_id))


@room.api("GET", "/devices/{device_id}/outcomes", action="device.outcomes")
def outcomes_json(ask: Ask, device_id: Id) -> RecordedOut:
    """Give the recorded outcomes of a device that a calibration would take, and why not the others."""
    with ask.acting() as acting:
        found = recorded_of(acting, device_id)
    return RecordedOut(
        used=[UsedOut(label=e.label, lesion_id=e.lesion_id, record=dict(e.record)) for e in found.used],
        set_aside=[
            AsideOut(label=e.label, lesion_id=e.lesion_id, why=e.said(ask.words)) for e in found.aside
        ],
        older=found.older,
    )


@room.api("POST", "/devices/{device_id}/outcomes", action="device.outcomes", status_code=202)
def calibrate_with_outcomes_json(ask: Ask, device_id: Id) -> JobOut:
    """Start a calibration on the shots and the recorded outcomes; its job says how far it is."""
    job_id = start(ask, device_id, [], outcomes=True)
    with ask.acting() as acting:
        return JobOut.model_validate(acting.jobs.get(job_id))


@room.api("POST", "/devices/{device_id}/calibration", action="device.write")
def keep_json(ask: Ask, device_id: Id, body: KeepIn) -> Done:
    """Use the profile that one's own last calibration of this device found."""
    keep(ask, device_id, body.version)
    return Done()
