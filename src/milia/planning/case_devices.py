"""The device in a case file, or several of them: names, files, or sections with a device's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from milia.base import InputError, as_list, require
from milia.laser import Device, device, device_from_mapping, load_device

MOST_DEVICES = 4
ACCEPTED = "a name in the device library, the name of a device file, or a section with a device's keys"


def read_devices(top: Mapping[str, Any], *, file: str, folder: Path | None) -> tuple[Device, ...]:
    """Read the key ``device`` of a case; InputError names what is missing or not accepted."""
    found = require(top, "device", key=None, file=file, accepted=ACCEPTED)
    if not isinstance(found, list):
        return (_device(found, "device", file, folder),)
    return devices_from(found, key="device", file=file, folder=folder)


def devices_from(
    found: Sequence[object], *, key: str, file: str | None, folder: Path | None
) -> tuple[Device, ...]:
    """Return the devices of a list, each at most once; device files are looked for in ``folder``."""
    accepted = f"a list of 1 to {MOST_DEVICES} devices, each once"
    listed = as_list(found, key=key, file=file, accepted=accepted, longest=MOST_DEVICES)
    devices = tuple(_device(one, f"{key}[{i}]", file, folder) for i, one in enumerate(listed))
    names = [one.name for one in devices]
    if not names or len(set(names)) < len(names):
        problem = "a device is named twice" if names else "no device is named"
        raise InputError(problem, file=file, key=key, value=found, accepted=accepted)
    return devices


def _device(found: object, key: str, file: str | None, folder: Path | None) -> Device:
    if isinstance(found, str) and found.lower().endswith((".yaml", ".yml")):
        if folder is None:
            problem = "a device file cannot be read from here; write its keys into the case"
            raise InputError(problem, file=file, key=key, value=found, accepted=ACCEPTED)
        return load_device(folder / found)
    if isinstance(found, str):
        return device(found, file=file)
    if isinstance(found, Mapping):
        return device_from_mapping(found, file=file)
    raise InputError("this is not a device", file=file, key=key, value=found, accepted=ACCEPTED)
