"""Sign-ins that were begun: each counts once, in the browser it was begun in, and not for long."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from milia.records import Proven

__all__ = ["Attempt", "Attempts", "TICKET_LASTS_s", "Waiting"]

TICKET_LASTS_s = 600
_MOST = 10_000
T = TypeVar("T")


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What Milia remembers while somebody is at the provider.

    Attributes
    ----------
    ticket
        Secret of the browser, in a cookie: an answer that another browser brings is refused.
    nonce, verifier
        What the token, and the exchange of the code, have to fit (OpenID Connect Core; PKCE, RFC 7636).
    redirect_uri, back
        Where the provider sends the browser, and where it goes then.
    """

    redirect_uri: str
    back: str
    ticket: str = field(default_factory=_secret, repr=False)
    nonce: str = field(default_factory=_secret, repr=False)
    verifier: str = field(default_factory=_secret, repr=False)

    @property
    def challenge(self) -> str:
        """The verifier's digest, which the provider is told first (S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody whom the provider vouched for, and whose second factor is asked here."""

    proven: Proven
    back: str


class _Once(Generic[T]):
    """Things kept for a while under a secret, of which only the digest is kept."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def keep(self, secret: str, thing: T, *, now_s: float) -> None:
        with self._lock:
            for key in [key for key, (until_s, _) in self._kept.items() if until_s <= now_s]:
                del self._kept[key]
            while len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[_digest(secret)] = (now_s + TICKET_LASTS_s, thing)

    def look(self, secret: str, *, now_s: float) -> T | None:
        with self._lock:
            until_s, thing = self._kept.get(_digest(secret), (0.0, None))
        return thing if until_s > now_s else None

    def take(self, secret: str, *, now_s: float) -> T | None:
        found = self.look(secret, now_s=now_s)
        with self._lock:
            return found if self._kept.pop(_digest(secret), None) else None


class Attempts:
    """Every attempt of one server process."""

    def __init__(self) -> None:
        self._begun: _Once[Attempt] = _Once()
        self._waiting: _Once[Waiting] = _Once()

    def begin(self, attempt: Attempt, *, now_s: float) -> str:
        """Remember an attempt and give its state, which the provider hands back."""
        state = _secret()
        self._begun.keep(state, attempt, now_s=now_s)
        return state

    def take(self, state: str, ticket: str, *, now_s: float) -> Attempt | None:
        """Give the attempt of a state, once, and only to the browser that began it."""
        found = self._begun.take(state, now_s=now_s)
        fits = found is not None and hmac.compare_digest(found.ticket.encode(), ticket.encode())
        return found if fits else None

    def wait(self, waiting: Waiting, *, now_s: float) -> str:
        """Remember somebody who has to give a code, and give the browser's new ticket."""
        ticket = _secret()
        self._waiting.keep(ticket, waiting, now_s=now_s)
        return ticket

    def waiting(self, ticket: str, *, now_s: float) -> Waiting | None:
        """Give who waits with this ticket."""
        return self._waiting.look(ticket, now_s=now_s)

    def done(self, ticket: str, *, now_s: float) -> None:
        """Forget who waited: the ticket counts no longer."""
        self._waiting.take(ticket, now_s=now_s)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
