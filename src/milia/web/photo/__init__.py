"""Uploaded photographs: recognised, bounded, turned upright, stripped of metadata and written anew."""

from milia.web.photo.clean import CleanPhoto, clean_photo, thumbnail
from milia.web.photo.sniff import MOST_BYTES, MOST_PIXELS, kind_of

__all__ = ["MOST_BYTES", "MOST_PIXELS", "CleanPhoto", "clean_photo", "kind_of", "thumbnail"]
