"""What must not open a door: forged, stale, foreign and replayed answers, and a provider that is away."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from milia.web import sessions
from milia.web.oidc_token import TokenRefused, UnknownKey, checked_claims, key_set


def _nobody_is_in(client: Any) -> bool:
    return bool(client.get("/api/v1/me").status_code == 401)


LIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "nonce of another attempt": lambda _: {"nonce": "x" * 43},
    "no nonce": lambda _: {"nonce": None},
    "nonce in a list": lambda _: {"nonce": ["x"]},
    "audience of another program": lambda _: {"aud": "somebody else"},
    "audience that begins alike": lambda _: {"aud": "milia at the clinic."},
    "no audience": lambda _: {"aud": []},
    "several audiences and no party": lambda _: {"aud": ["milia at the clinic", "somebody else"]},
    "made for another party": lambda _: {"azp": "somebody else"},
    "other issuer": lambda _: {"iss": "http://127.0.0.1:1"},
    "issuer with a slash more": lambda stand: {"iss": f"{stand.issuer}/"},
    "issuer in a list": lambda stand: {"iss": [stand.issuer]},
    "expired": lambda _: {"exp": int(time.time()) - 90},
    "no expiry": lambda _: {"exp": None},
    "expiry in words": lambda _: {"exp": "2999-01-01"},
    "made long ago": lambda _: {"iat": int(time.time()) - 3600},
    "made in the future": lambda _: {"iat": int(time.time()) + 3600},
    "not valid yet": lambda _: {"nbf": int(time.time()) + 3600},
    "no subject": lambda _: {"sub": ""},
    "subject that is a number": lambda _: {"sub": 17},
}


@pytest.mark.parametrize("name", LIES)
def test_a_token_that_is_not_exactly_right_opens_nothing(
    visitor: Any, stand: Any, link: Any, come_in: Any, name: str
) -> None:
    link()
    stand.lies = LIES[name](stand)
    answer = come_in(visitor)
    assert answer.status_code == 403
    assert "did not confirm who you are" in answer.text
    assert _nobody_is_in(visitor)
    stand.lies = {}
    assert come_in(visitor).status_code == 303, "the same way without the lie leads in"


def test_a_clock_that_is_a_little_off_is_forgiven(visitor: Any, stand: Any, link: Any, come_in: Any) -> None:
    link()
    now = int(time.time())
    stand.lies = {"iat": now + 30, "exp": now - 30}
    assert come_in(visitor).status_code == 303


FORGED: dict[str, dict[str, Any]] = {
    "none": {"alg": "none"},
    "None": {"alg": "None", "kid": "first"},
    "public key as a shared secret": {"alg": "HS256", "kid": "first"},
    "the same without the key's name": {"alg": "HS256"},
    "a key brought along": {"alg": "RS256", "jwk": {}},
    "a key named elsewhere": {"alg": "RS256", "kid": "first", "jku": "http://127.0.0.1:1/keys"},
    "an extension that has to be understood": {"alg": "RS256", "kid": "first", "crit": ["b64"], "b64": False},
    "no algorithm": {"kid": "first"},
}


@pytest.mark.parametrize("name", FORGED)
def test_only_a_signature_that_the_provider_alone_can_make_counts(
    visitor: Any, stand: Any, link: Any, come_in: Any, made_key: Any, name: str
) -> None:
    link()
    own = made_key("own")

    def forged(token: str) -> str:
        header = dict(FORGED[name])
        if "jwk" in header:
            header["jwk"] = own.as_dict(private=False)
        begun = f"{_packed(json.dumps(header).encode())}.{token.split('.')[1]}"
        algorithm = header.get("alg", "")
        if algorithm == "HS256":
            # The classic: the public key, which everybody knows, taken as a shared secret.
            return (
                f"{begun}.{_packed(hmac.digest(stand.key.as_pem(private=False), begun.encode(), 'sha256'))}"
            )
        if algorithm == "RS256":
            made = own.private_key.sign(begun.encode(), padding.PKCS1v15(), hashes.SHA256())
            return f"{begun}.{_packed(made)}"
        return f"{begun}."

    stand.forge = forged
    assert come_in(visitor).status_code == 403
    assert _nobody_is_in(visitor)


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "é.b.c", "e30.e30.", "." * 9, "x" * 70_000, None, 7, ["a"]]
)
def test_what_is_no_token_is_refused_and_breaks_nothing(token: Any, first_key: Any) -> None:
    keys = key_set({"keys": [first_key.as_dict(private=False)]})
    with pytest.raises(TokenRefused):
        checked_claims(token, keys, issuer="https://x", client_id="milia", nonce="n", now_s=0.0)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS512", lambda: RSAKey.generate_key(2048)),
        ("PS256", lambda: RSAKey.generate_key(2048)),
        ("ES256", lambda: ECKey.generate_key("P-256")),
        ("Ed25519", lambda: OKPKey.generate_key("Ed25519")),
        ("EdDSA", lambda: OKPKey.generate_key("Ed25519")),
    ],
)
@pytest.mark.filterwarnings("ignore:.*:joserfc.errors.SecurityWarning")
def test_the_other_signatures_of_providers_are_read(algorithm: str, key: Any) -> None:
    made, now = key(), int(time.time())
    said = {"iss": "https://x", "aud": "milia", "sub": "d", "nonce": "n", "iat": now, "exp": now + 60}
    token = jwt.encode(
        {"alg": algorithm, "x-own": "1"},
        said,
        made,
        registry=jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False),
    )
    published = {"keys": [{"kty": "oct", "k": "AAAA"}, {"kty": "new"}, "x", made.as_dict(private=False)]}
    keys = key_set(published)
    assert len(keys.keys) == 1
    found = checked_claims(token, keys, issuer="https://x", client_id="milia", nonce="n", now_s=now)
    assert found == said


@pytest.mark.parametrize("left_out", ["iss", "aud", "sub", "exp", "iat", "nonce"])
def test_nothing_that_has_to_be_said_may_be_missing(first_key: Any, left_out: str) -> None:
    now = int(time.time())
    said = {"iss": "https://x", "aud": "milia", "sub": "d", "nonce": "n", "iat": now, "exp": now + 60}
    del said[left_out]
    token = jwt.encode({"alg": "RS256", "kid": "first"}, said, first_key)
    keys = key_set({"keys": [first_key.as_dict(private=False)]})
    with pytest.raises(TokenRefused, match="claim"):
        checked_claims(token, keys, issuer="https://x", client_id="milia", nonce="n", now_s=now)


def test_without_a_name_every_fitting_key_is_tried() -> None:
    keys, now = [ECKey.generate_key(curve) for curve in ("P-384", "P-256", "P-256")], int(time.time())
    said = {"iss": "https://x", "aud": "milia", "sub": "d", "nonce": "n", "iat": now, "exp": now + 60}
    token = jwt.encode({"alg": "ES256"}, said, keys[2])
    expected = {"issuer": "https://x", "client_id": "milia", "nonce": "n", "now_s": now}
    published = [key.as_dict(private=False) for key in keys]
    assert checked_claims(token, key_set({"keys": published}), **expected) == said
    with pytest.raises(UnknownKey):
        checked_claims(token, key_set({"keys": published[:2]}), **expected)


def test_a_key_of_another_provider_counts_for_nothing(
    visitor: Any, stand: Any, link: Any, come_in: Any, made_key: Any
) -> None:
    link()
    stand.published, stand.key = [stand.key], made_key(stand.key.kid)
    assert come_in(visitor).status_code == 403
    assert _nobody_is_in(visitor)


def test_a_state_counts_once(visitor: Any, link: Any, go_there: Any, stand: Any) -> None:
    link()
    ticket_before = go_there(visitor)
    ticket = visitor.cookies[sessions.TICKET]
    assert visitor.get(ticket_before, follow_redirects=False).status_code == 303
    visitor.cookies.delete(sessions.SESSION)
    visitor.cookies.set(sessions.TICKET, ticket)
    asked = len(stand.asked)
    again = visitor.get(ticket_before, follow_redirects=False)
    assert again.status_code == 403
    assert "was not begun in this browser" in again.text
    assert len(stand.asked) == asked, "the provider is not even asked"


def test_an_answer_that_another_browser_brings_signs_nobody_in(
    visitor: Any, new_client: Any, link: Any, go_there: Any
) -> None:
    """Somebody sends a colleague the end of a sign-in of their own."""
    link()
    sent = go_there(visitor)
    victim = new_client()
    assert victim.get(sent, follow_redirects=False).status_code == 403
    assert _nobody_is_in(victim)
    began_too = new_client()
    began_too.get("/sign-in/provider", follow_redirects=False)
    assert began_too.get(go_there(visitor), follow_redirects=False).status_code == 403


def test_a_state_does_not_live_for_ever(visitor: Any, link: Any, go_there: Any, clinic: Any) -> None:
    from datetime import timedelta

    link()
    address = go_there(visitor)
    real = clinic.records.clock
    clinic.records.clock = lambda: real() + timedelta(minutes=11)
    answer = visitor.get(address, follow_redirects=False)
    assert answer.status_code == 403
    assert "took too long" in answer.text


def test_a_code_of_another_attempt_does_not_fit_the_verifier(
    visitor: Any, link: Any, go_there: Any, query_of: Any
) -> None:
    """A stolen code, put into an attempt of one's own: PKCE refuses it at the provider."""
    link()
    stolen = query_of(go_there(visitor))["code"]
    own = query_of(go_there(visitor))["state"]
    answer = visitor.get(f"/sign-in/provider/back?state={own}&code={stolen}", follow_redirects=False)
    assert answer.status_code == 403
    assert _nobody_is_in(visitor)


@pytest.mark.parametrize("query", ["", "?state=", "?state=x&code=y", "?error=access_denied", "?code=%00"])
def test_an_answer_without_a_question_is_refused(visitor: Any, use: Any, query: str) -> None:
    del use
    assert visitor.get(f"/sign-in/provider/back{query}").status_code == 403


def test_the_provider_may_say_no(visitor: Any, link: Any, go_there: Any, query_of: Any) -> None:
    link()
    state = query_of(go_there(visitor))["state"]
    answer = visitor.get(f"/sign-in/provider/back?state={state}&error=access_denied&error_description=<b>x")
    assert answer.status_code == 403
    assert "ended without letting you in" in answer.text
    assert "<b>x" not in answer.text


def test_an_answer_that_names_another_issuer_is_refused(
    visitor: Any, link: Any, go_there: Any, stand: Any, use: Any
) -> None:
    link()
    assert visitor.get(f"{go_there(visitor)}&iss=https://evil.example").status_code == 403
    stand.discovery = {"authorization_response_iss_parameter_supported": True}
    use()
    assert visitor.get(go_there(visitor), follow_redirects=False).status_code == 403
    address = f"{go_there(visitor)}&iss={stand.issuer}"
    assert visitor.get(address, follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y"],
)
def test_the_way_back_stays_in_the_app(visitor: Any, link: Any, come_in: Any, back: str) -> None:
    link()
    assert come_in(visitor, back=back).headers["location"] == "/"


def test_a_host_that_is_not_ours_never_gets_a_code(visitor: Any, use: Any) -> None:
    del use
    answer = visitor.get("/sign-in/provider", headers={"host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "https://user@evil.example/"},
        {"token_endpoint": None},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    visitor: Any, stand: Any, use: Any, said: dict[str, Any]
) -> None:
    del use
    stand.discovery = said
    answer = visitor.get("/sign-in/provider", follow_redirects=False)
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_a_provider_that_is_away_leaves_the_password(
    visitor: Any, use: Any, link: Any, go_there: Any, clinic: Any, caplog: pytest.LogCaptureFixture
) -> None:
    link()
    address = go_there(visitor)
    provider = visitor.app.state.site.provider
    import socket

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{door.getsockname()[1]}"
    places, provider._places = provider._places, None
    at, known = places
    from dataclasses import replace

    provider._places = (at, replace(known, token=f"{nowhere}/token"))
    answer = visitor.get(address)
    assert answer.status_code == 503
    use(issuer=nowhere)
    for _ in range(2):
        answer = visitor.get("/sign-in/provider?back=/devices")
        assert answer.status_code == 503
        assert "Sign in with login and password" in answer.text
    fields = {
        "csrf_token": visitor.token_of("/sign-in"),
        "login": "doctor",
        "password": clinic.password("doctor"),
        "back": "/devices",
    }
    answer = visitor.post("/sign-in", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/devices"
    why = [record.milia["why"] for record in caplog.records if record.message == "provider away"]
    assert why == ["ConnectError", "ConnectError", "left alone for a while"]


def test_no_secret_reaches_the_log(
    visitor: Any, link: Any, come_in: Any, stand: Any, caplog: pytest.LogCaptureFixture
) -> None:
    link()
    caplog.set_level("DEBUG", logger="milia")
    come_in(visitor)
    stand.lies = {"nonce": "x"}
    come_in(visitor)
    said = " ".join(
        f"{each.message} {getattr(each, 'milia', '')}" for each in caplog.records if "milia" in each.name
    )
    assert "claim nonce" in said
    for hidden in ("d-17", "dora", "code=", "s3cret", *stand.tokens):
        assert hidden not in said


def test_signing_in_by_the_provider_is_limited_like_passwords(visitor: Any, use: Any) -> None:
    from milia.web.limits import Limits

    del use
    visitor.app.state.site.limits = Limits({"sign_in": "3/minute", "public": "1000/minute"})
    codes = [visitor.get("/sign-in/provider/back?state=x&code=y").status_code for _ in range(4)]
    assert codes == [403, 403, 403, 429]


def test_where_a_session_begins_the_host_decides_the_way_back(visitor: Any, use: Any, query_of: Any) -> None:
    del use
    begun = visitor.get("/sign-in/provider", follow_redirects=False)
    address = query_of(begun.headers["location"])["redirect_uri"]
    assert urlsplit(address).path == "/sign-in/provider/back"
    assert urlsplit(address).netloc == "localhost"
