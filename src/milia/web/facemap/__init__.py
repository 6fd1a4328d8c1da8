"""The map of the face: front and both sides, the atlas' sites as regions, lesions as numbered pins."""

from milia.web.facemap.drawing import HEIGHT, VIEWS, WIDTH, FaceMap, Pin, face_map
from milia.web.facemap.regions import REGIONS, SITES, Region, default_pin, site_at

__all__ = [
    "HEIGHT",
    "REGIONS",
    "SITES",
    "VIEWS",
    "WIDTH",
    "FaceMap",
    "Pin",
    "Region",
    "default_pin",
    "face_map",
    "site_at",
]
