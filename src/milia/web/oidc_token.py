"""Whether an ID token is the provider's own, for Milia, for this attempt, and fresh.

The rules are those of OpenID Connect Core 1.0, section 3.1.3.7; signatures are checked by `joserfc`.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from milia.base import MiliaError

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

__all__ = ["ALGORITHMS", "LEEWAY_s", "TokenRefused", "UnknownKey", "checked_claims", "key_set"]

# Signatures that only the provider can make: a shared secret, or none at all, proves nothing here.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
    *("EdDSA", "Ed25519"),
)
LEEWAY_s = 60
_OLDEST_s = 600
_LONGEST_SUBJECT = 255
_LONGEST_HEADER, _LONGEST_TOKEN = 8_192, 65_536


class TokenRefused(MiliaError):  # noqa: N818
    """The token does not prove who signs in; the words are for the log and quote nothing of it."""


class UnknownKey(TokenRefused):
    """It is signed with a key that is not in the set at hand: the provider may have changed its keys."""


def key_set(content: object) -> KeySet:
    """Read a provider's keys; only public keys for signatures are taken, a shared secret never."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    keys = []
    found = content.get("keys") if isinstance(content, dict) else None
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and each.get("kty") in ("RSA", "EC", "OKP") and each.get("use") != "enc":
            try:
                keys.append(JWKRegistry.import_key(each))
            except (JoseError, ValueError, TypeError):
                # A kind of key that is not known here is no use, and no harm to the others.
                continue
    return KeySet(keys)


def checked_claims(
    token: object, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now_s: float
) -> dict[str, Any]:
    """Give what a token says once everything about it was checked.

    Raises
    ------
    UnknownKey
        If no key of the set fits; the caller may fetch the keys anew, once.
    TokenRefused
        For everything else that is not exactly as it has to be.
    """
    from joserfc.errors import JoseError
    from joserfc.jwt import JWTClaimsRegistry

    claims = _signed(token, keys)
    rules = JWTClaimsRegistry(
        now=int(now_s),
        leeway=LEEWAY_s,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(claims)
    except JoseError as error:
        claim = str(getattr(error, "claim", "") or "")
        raise TokenRefused(f"claim {claim[:20]}: {type(error).__name__}") from error
    _check_more(claims, client_id=client_id, nonce=nonce, now_s=now_s)
    return claims


def _check_more(claims: dict[str, Any], *, client_id: str, nonce: str, now_s: float) -> None:
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise TokenRefused("claim nonce: another attempt's")
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise TokenRefused("claim azp: made for another program")
    if not claims["iat"] > now_s - _OLDEST_s:
        raise TokenRefused("claim iat: made too long ago")
    if not (
        claims["sub"].isascii() and claims["sub"].isprintable() and len(claims["sub"]) <= _LONGEST_SUBJECT
    ):
        raise TokenRefused("claim sub: cannot be kept")


def _signed(token: object, keys: KeySet) -> dict[str, Any]:
    from joserfc import jws, jwt
    from joserfc.errors import JoseError

    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
        raise TokenRefused("no token")
    # Headers that Milia does not know change nothing, except `crit`, which the library refuses.
    rules = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    rules.max_header_length = _LONGEST_HEADER
    try:
        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") not in ALGORITHMS:
            raise TokenRefused("signature: algorithm not accepted")
        for key in _fitting(keys, header):
            try:
                claims = jwt.decode(token, key, algorithms=list(ALGORITHMS), registry=rules).claims
            except (JoseError, ValueError):
                # Not this key: another one of the set may fit.
                continue
            return dict(claims)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise TokenRefused(f"token: {type(error).__name__}") from error
    raise UnknownKey("signature: no key fits")


def _fitting(keys: KeySet, header: dict[str, Any]) -> list[Any]:
    kind = {"R": "RSA", "P": "RSA", "E": "EC"}[header["alg"][0]]
    if header["alg"].startswith("Ed"):
        kind = "OKP"
    wanted = header.get("kid")
    return [
        key
        for key in keys
        if key.key_type == kind
        and key.get("alg") in (None, header["alg"])
        and (wanted is None or key.kid == wanted)
    ]
