"""The clinic's app in the browser: thin pages and JSON routes over the records."""

from milia.web.app import Site, create_app
from milia.web.pages import MONITOR, PRIVATE_LINK, PUBLIC, SIGNED_IN, Nav, Room
from milia.web.pages_ask import Ask, Asking
from milia.web.serve import serve

__all__ = [
    "MONITOR",
    "PRIVATE_LINK",
    "PUBLIC",
    "SIGNED_IN",
    "Ask",
    "Asking",
    "Nav",
    "Room",
    "Site",
    "create_app",
    "serve",
]
