"""What the clinic says about its provider, in the environment; nothing is asked of the network here."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from milia.base import InputError

__all__ = ["OidcSettings", "is_address", "settings_from"]

_OWN = frozenset({"127.0.0.1", "localhost", "::1"})
_ADDRESS = "https://HOST/PATH without ? and #, at most 255 characters (http:// on this machine only)"
_FACTOR = re.compile(r"(amr|acr):[\x21-\x2b\x2d-\x7e]{1,200}")
_PROMPTS = ("login", "select_account", "none_asked")
_KNOWN = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET_FILE", "SECOND_FACTOR", "PROMPT")


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """One provider.

    Attributes
    ----------
    issuer
        Its address, exactly as it stands in its tokens.
    client_id, client_secret
        What it knows Milia by; without a secret Milia is a public client, which PKCE protects.
    second_factor
        What in a token counts as a second factor here: pairs of claim (``amr`` or ``acr``) and value.
    prompt
        What it is asked to show: ``login``, ``select_account``, or nothing (``None``).
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    second_factor: frozenset[tuple[str, str]] = frozenset()
    prompt: str | None = "login"

    def accepts(self, claims: Mapping[str, Any]) -> bool:
        """Say whether a token tells of a second factor that the clinic accepts instead of its own."""
        said = {("acr", claims["acr"])} if isinstance(claims.get("acr"), str) else set()
        methods = claims.get("amr")
        if isinstance(methods, list):
            said |= {("amr", each) for each in methods if isinstance(each, str)}
        return bool(said & self.second_factor)


def is_address(text: object, *, issuer: str = "") -> bool:
    """Say whether a provider may be asked there: https, or this machine if its issuer is on it."""
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    own = host in _OWN and (not issuer or urlsplit(issuer).scheme == "http")
    return parts.scheme == "https" or (parts.scheme == "http" and own)


def settings_from(environment: Mapping[str, str] | None = None) -> OidcSettings | None:
    """Read ``MILIA_OIDC_*``; ``None`` where the clinic has no provider.

    Raises
    ------
    InputError
        Naming the variable and what it may hold.
    """
    env = os.environ if environment is None else environment
    given = {name: env[name].strip() for name in env if name.startswith("MILIA_OIDC_") and env[name].strip()}
    unknown = sorted(set(given) - {f"MILIA_OIDC_{name}" for name in _KNOWN})
    if unknown:
        accepted = ", ".join(f"MILIA_OIDC_{name}" for name in _KNOWN)
        raise InputError("this setting is not known", key=unknown[0], accepted=accepted)
    if not given:
        return None
    issuer = _needed(given, "MILIA_OIDC_ISSUER", _ADDRESS)
    if not is_address(issuer) or "?" in issuer or len(issuer) > 255:
        raise InputError(
            "this is no provider's address", key="MILIA_OIDC_ISSUER", value=issuer, accepted=_ADDRESS
        )
    if missing := [name for name in ("httpx", "joserfc") if find_spec(name) is None]:
        raise InputError(
            f"the sign-in by a provider needs {' and '.join(missing)}",
            key="MILIA_OIDC_ISSUER",
            accepted='the packages of pip install "milia[oidc]", or no such setting',
        )
    return OidcSettings(
        issuer=issuer,
        client_id=_needed(given, "MILIA_OIDC_CLIENT_ID", "the name under which the provider knows Milia"),
        client_secret=_secret(given.get("MILIA_OIDC_CLIENT_SECRET_FILE")),
        second_factor=_factors(given.get("MILIA_OIDC_SECOND_FACTOR", "")),
        prompt=_prompt(given.get("MILIA_OIDC_PROMPT", "login")),
    )


def _needed(given: Mapping[str, str], name: str, accepted: str) -> str:
    if name not in given:
        raise InputError("a sign-in by a provider needs this setting", key=name, accepted=accepted)
    return given[name]


def _secret(file: str | None) -> str | None:
    if file is None:
        return None
    key, path = "MILIA_OIDC_CLIENT_SECRET_FILE", Path(file)
    try:
        open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "the file cannot be read", key=key, value=file, accepted="a file with the client's secret"
        ) from error
    if open_to_others:
        raise InputError("others can read this file", key=key, value=file, accepted="chmod 600")
    if not text or "\n" in text:
        # The content is not shown: it may be the secret.
        raise InputError("the file holds no secret", key=key, value=file, accepted="one line, not empty")
    return text


def _factors(text: str) -> frozenset[tuple[str, str]]:
    found = text.replace(",", " ").split()
    for each in found:
        if not _FACTOR.fullmatch(each):
            raise InputError(
                "this names no second factor",
                key="MILIA_OIDC_SECOND_FACTOR",
                value=each,
                accepted="amr:VALUE or acr:VALUE, several with spaces, as in amr:mfa",
            )
    return frozenset((kind, value) for kind, _, value in (each.partition(":") for each in found))


def _prompt(text: str) -> str | None:
    if text not in _PROMPTS:
        raise InputError(
            "this prompt is not known", key="MILIA_OIDC_PROMPT", value=text, accepted=", ".join(_PROMPTS)
        )
    return None if text == "none_asked" else text
