"""Passwords, one-time codes and tokens: what is stored never lets anyone in by itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from milia.base import InputError

__all__ = [
    "check_password",
    "digest",
    "hash_password",
    "new_token",
    "new_totp_secret",
    "totp_code",
    "totp_step",
]

SHORTEST, LONGEST = 12, 200
_STEP_s = 30
_DIGITS = 6
_hasher = PasswordHasher()


def hash_password(password: str, *, key: str = "password") -> str:
    """Hash a password with Argon2id; too short or too long is refused."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError("length of the password", key=key, accepted=f"{SHORTEST} to {LONGEST} characters")
    return _hasher.hash(password)


def check_password(stored: str | None, password: str) -> bool:
    """Compare a password; takes as long for an account that does not exist."""
    try:
        return _hasher.verify(stored or _nobody(), password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


_NOBODY: list[str] = []


def _nobody() -> str:
    if not _NOBODY:
        _NOBODY.append(_hasher.hash(secrets.token_hex(16)))
    return _NOBODY[0]


def new_token() -> str:
    """Give a token of 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Give what is stored of a token; its 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_totp_secret() -> bytes:
    """Give a secret for an authenticator: 160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(20)


def totp_code(secret: bytes, step: int) -> str:
    """Give the one-time code of a time step: HMAC-SHA-1, six digits (RFC 6238, RFC 4226 section 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def totp_step(secret: bytes, code: str, *, now_s: float, after: int) -> int | None:
    """Give the time step a code belongs to: this one or a neighbour, and later than the last one used."""
    this = int(now_s // _STEP_s)
    for step in (this, this - 1, this + 1):
        if step > after and hmac.compare_digest(totp_code(secret, step).encode(), code.strip().encode()):
            return step
    return None


def totp_address(secret: bytes, login: str) -> str:
    """Give the address that an authenticator app reads from a picture."""
    from urllib.parse import quote

    return f"otpauth://totp/Milia:{quote(login)}?secret={base64.b32encode(secret).decode()}&issuer=Milia"
