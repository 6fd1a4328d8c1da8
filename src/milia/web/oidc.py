"""Signing in by the hospital's own provider: OpenID Connect, authorization code with PKCE.

The provider is asked only while somebody signs in by it, at the addresses that it names under the issuer that
the clinic has set. Without `MILIA_OIDC_ISSUER` there is no `Provider`, and nothing is sent.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from milia.base import MiliaError
from milia.records import Proven
from milia.web.i18n import mark
from milia.web.logs import LOGGER
from milia.web.oidc_attempts import Attempt, Attempts
from milia.web.oidc_settings import OidcSettings, is_address, settings_from
from milia.web.oidc_token import TokenRefused, UnknownKey, checked_claims, key_set

__all__ = ["NotVouched", "Provider", "ProviderAway", "provider_from"]

_TIMEOUT_s, _LONGEST_s = 5.0, 15.0
_BELIEVED_s = 3600.0
_LEFT_ALONE_s = 10.0
_MOST_bytes = 1_000_000
_AWAY = mark("The hospital's sign-in does not answer. Sign in with login and password, or try again later.")
_NOT_VOUCHED = mark(
    "The hospital's sign-in did not confirm who you are. Start again, or use login and password."
)


class ProviderAway(MiliaError):  # noqa: N818
    """The provider cannot be reached, or does not speak as it should."""

    def __init__(self, why: str) -> None:
        super().__init__(_AWAY)
        LOGGER.warning("provider away", extra={"milia": {"why": why[:200]}})


class NotVouched(MiliaError):  # noqa: N818
    """The provider said no, or what it said proves nothing."""

    def __init__(self, why: str) -> None:
        super().__init__(_NOT_VOUCHED)
        LOGGER.warning("provider's answer refused", extra={"milia": {"why": why[:200]}})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    authorize: str
    token: str
    keys: str
    user_info: str | None
    end_session: str | None
    secret_in_header: bool
    names_itself: bool


def provider_from() -> Provider | None:
    """Give the provider that the environment names, or ``None``."""
    settings = settings_from()
    return Provider(settings) if settings else None


class Provider:
    """One provider; safe to use from several threads."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self.attempts = Attempts()
        self._lock = threading.Lock()
        self._places: tuple[float, _Places] | None = None
        self._keys: tuple[float, Any] | None = None
        self._away_until_s = float("-inf")

    @property
    def issuer(self) -> str:
        """Its name in tokens and links."""
        return self.settings.issuer

    def way_in(self, attempt: Attempt, state: str) -> str:
        """Give the address to which the browser goes to sign in."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": attempt.redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        if self.settings.prompt:
            asked["prompt"] = self.settings.prompt
        if self.settings.second_factor and all(kind == "acr" for kind, _ in self.settings.second_factor):
            asked["acr_values"] = " ".join(sorted(value for _, value in self.settings.second_factor))
        address = self.places().authorize
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def way_out(self) -> str | None:
        """Give the address at which the person can sign out there too, if the provider has one."""
        address = self.places().end_session
        client = urlencode({"client_id": self.settings.client_id})
        return f"{address}{'&' if '?' in address else '?'}{client}" if address else None

    def proven(self, attempt: Attempt, code: str, *, named: str | None, now_s: float) -> Proven:
        """Exchange the code and give who it is.

        Parameters
        ----------
        attempt
            The attempt that this code belongs to.
        code
            What the provider gave to the browser.
        named
            The issuer that came with it (RFC 9207), or ``None``.
        now_s
            This moment [s].

        Raises
        ------
        ProviderAway
            If the provider cannot be reached.
        NotVouched
            If anything about its answer is not exactly as it has to be.
        """
        places = self.places()
        if named != self.issuer and (named is not None or places.names_itself):
            raise NotVouched("answer of another issuer")
        said = self._exchange(places, attempt, code)
        claims = self._claims(places, said.get("id_token"), attempt.nonce, now_s)
        return Proven(
            issuer=self.issuer,
            subject=claims["sub"],
            email=_verified_email(self._with_user_info(places, claims, said.get("access_token"))),
            second_factor=self.settings.accepts(claims),
        )

    def _claims(self, places: _Places, token: object, nonce: str, now_s: float) -> dict[str, Any]:
        expected: dict[str, Any] = {
            "issuer": self.issuer,
            "client_id": self.settings.client_id,
            "nonce": nonce,
            "now_s": now_s,
        }
        try:
            try:
                return checked_claims(token, self._key_set(places), **expected)
            except UnknownKey:
                # The provider may have changed its keys since they were fetched.
                return checked_claims(token, self._key_set(places, anew=True), **expected)
        except TokenRefused as error:
            raise NotVouched(str(error)) from error

    def _exchange(self, places: _Places, attempt: Attempt, code: str) -> dict[str, Any]:
        settings = self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        more: dict[str, Any] = {"data": form}
        if settings.client_secret and places.secret_in_header:
            # Both are form-encoded first (RFC 6749, section 2.3.1).
            more["auth"] = (quote(settings.client_id, safe=""), quote(settings.client_secret, safe=""))
        else:
            form["client_id"] = settings.client_id
            if settings.client_secret:
                form["client_secret"] = settings.client_secret
        status, said = _ask("POST", places.token, **more)
        if status != 200:
            raise NotVouched(f"exchange of the code: status {status}, {str(said.get('error'))[:60]}")
        return said

    def _with_user_info(
        self, places: _Places, claims: dict[str, Any], access_token: object
    ) -> dict[str, Any]:
        # Asked only for the address of an invitation; a provider that keeps it back is no reason to fail.
        if "email" in claims or not places.user_info or not isinstance(access_token, str):
            return claims
        try:
            headers = {"Authorization": f"Bearer {access_token}"}
            status, said = _ask("GET", places.user_info, headers=headers)
        except (ProviderAway, ValueError):
            return claims
        return said if status == 200 and said.get("sub") == claims["sub"] else claims

    def places(self) -> _Places:
        """Give the provider's addresses, as it published them not more than an hour ago."""
        with self._lock:
            now_s = time.monotonic()
            if self._places and now_s - self._places[0] < _BELIEVED_s:
                return self._places[1]
            if now_s < self._away_until_s:
                raise ProviderAway("left alone for a while")
            try:
                found = self._discover()
            except ProviderAway:
                self._away_until_s = time.monotonic() + _LEFT_ALONE_s
                raise
            self._places = (now_s, found)
            return found

    def _discover(self) -> _Places:
        status, said = _ask("GET", self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if status != 200 or said.get("issuer") != self.issuer:
            raise ProviderAway(f"discovery: status {status}, issuer {str(said.get('issuer'))[:100]}")

        def place(name: str, *, needed: bool = True) -> str | None:
            address = said.get(name)
            if is_address(address, issuer=self.issuer):
                return str(address)
            if needed or address is not None:
                raise ProviderAway(f"discovery: {name} is no address over https")
            return None

        methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return _Places(
            authorize=place("authorization_endpoint") or "",
            token=place("token_endpoint") or "",
            keys=place("jwks_uri") or "",
            user_info=place("userinfo_endpoint", needed=False),
            end_session=place("end_session_endpoint", needed=False),
            secret_in_header="client_secret_basic" in methods,
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )

    def _key_set(self, places: _Places, *, anew: bool = False) -> Any:
        with self._lock:
            now_s = time.monotonic()
            if self._keys and not anew and now_s - self._keys[0] < _BELIEVED_s:
                return self._keys[1]
            status, said = _ask("GET", places.keys)
            if status != 200:
                raise ProviderAway(f"keys: status {status}")
            self._keys = (now_s, key_set(said))
            return self._keys[1]


def _verified_email(claims: dict[str, Any]) -> str | None:
    email = claims.get("email")
    return email if isinstance(email, str) and claims.get("email_verified") is True else None


def _ask(method: str, address: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Send one request, without following another address, and give status and JSON object."""
    import httpx

    body, started_s = b"", time.monotonic()
    try:
        with (
            httpx.Client(timeout=_TIMEOUT_s, follow_redirects=False) as client,
            client.stream(method, address, **more) as answer,
        ):
            for part in answer.iter_bytes():
                body += part
                if len(body) > _MOST_bytes or time.monotonic() - started_s > _LONGEST_s:
                    raise ProviderAway("answer too large or too slow")
        said = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise ProviderAway(type(error).__name__) from error
    except (ValueError, RecursionError) as error:
        raise ProviderAway(f"status {answer.status_code}, no JSON") from error
    if not isinstance(said, dict):
        raise ProviderAway("no JSON object")
    return answer.status_code, said
