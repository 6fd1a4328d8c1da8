"""What one clinic's test shots and recorded outcomes say about its laser."""

from milia.calibration.clinic.lesions import OutcomeFindings
from milia.calibration.clinic.profile import named_device, profile_of, profile_text
from milia.calibration.clinic.result import DeviceCalibration
from milia.calibration.clinic.run import Effort, calibrate_device
from milia.calibration.clinic.shots import COLUMNS, ShotFile, TestShot, read_shots
from milia.calibration.clinic.treated import TreatedLesion

__all__ = [
    "COLUMNS",
    "DeviceCalibration",
    "Effort",
    "OutcomeFindings",
    "ShotFile",
    "TestShot",
    "TreatedLesion",
    "calibrate_device",
    "named_device",
    "profile_of",
    "profile_text",
    "read_shots",
]
