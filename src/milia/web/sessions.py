"""What the browser keeps: session, language, a reason for emergency access, a word said, a sign-in begun."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

__all__ = [
    "FLASH",
    "LANGUAGE",
    "REASON",
    "SESSION",
    "TICKET",
    "VISIT",
    "REASON_LASTS_s",
    "csrf_matches",
    "csrf_token",
    "new_visit",
    "open_reason",
    "put",
    "seal_reason",
    "take_away",
]

SESSION = "milia_session"
VISIT = "milia_visit"
LANGUAGE = "milia_language"
REASON = "milia_reason"
FLASH = "milia_said"
TICKET = "milia_ticket"
REASON_LASTS_s = 15 * 60


def new_visit() -> str:
    """Give a secret for a browser in which nobody is signed in yet: its forms need protection too."""
    return secrets.token_urlsafe(24)


def csrf_token(secret: str) -> str:
    """Give the token that a form has to bring back; it follows from a cookie that no script can read."""
    return hmac.new(secret.encode(), b"milia form", hashlib.sha256).hexdigest()


def csrf_matches(secret: str, token: str) -> bool:
    """Compare a form's token with the cookie's."""
    return bool(secret) and hmac.compare_digest(csrf_token(secret).encode(), token.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody goes through the emergency door, and until when it stands open."""

    text: str
    until_s: int


def seal_reason(session: str, text: str, *, now_s: float) -> str:
    """Pack a reason so that it counts for this session only, and not for long."""
    said = json.dumps([text, int(now_s) + REASON_LASTS_s]).encode()
    return f"{_b64(said)}.{_b64(_mac(session, said))}"


def open_reason(session: str, packed: str, *, now_s: float) -> Reason | None:
    """Unpack a reason; ``None`` if it was made by another hand, for another session, or is over."""
    try:
        said, mac = (base64.urlsafe_b64decode(part) for part in packed.split(".", 1))
    except (ValueError, binascii.Error):
        return None
    if not hmac.compare_digest(mac, _mac(session, said)):
        return None
    text, until_s = json.loads(said)
    return Reason(text, until_s) if now_s < until_s else None


def _mac(session: str, said: bytes) -> bytes:
    return hmac.digest(session.encode(), b"milia reason" + said, "sha256")


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def put(response: Response, request: Request, name: str, value: str, *, lasts_s: int | None = None) -> None:
    """Set a cookie that scripts cannot read and other sites do not send; secure wherever the page is."""
    response.set_cookie(
        name,
        value,
        max_age=lasts_s,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def take_away(response: Response, request: Request, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(
        name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
