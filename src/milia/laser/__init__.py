"""Beams, pulse trains, and the library of devices with the steps they can deliver."""

from milia.laser.beam import Beam, Profile, peak_factor
from milia.laser.calibrated import Calibrated
from milia.laser.device import KINDS, Device
from milia.laser.library import DEVICE_KEYS, device, device_from_mapping, devices, load_device
from milia.laser.pulses import PulseTrain, Settings

__all__ = [
    "DEVICE_KEYS",
    "KINDS",
    "Beam",
    "Calibrated",
    "Device",
    "Profile",
    "PulseTrain",
    "Settings",
    "device",
    "device_from_mapping",
    "devices",
    "load_device",
    "peak_factor",
]
