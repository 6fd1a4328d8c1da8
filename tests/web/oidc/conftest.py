"""A real provider on this machine: Authlib's authorization server with PKCE, over HTTP, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from flask import Flask, jsonify, redirect, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

from milia.web.oidc import Provider
from milia.web.oidc_settings import OidcSettings

CLIENT, SECRET = "milia at the clinic", "s3cret/with:signs%"
BACK = "http://localhost/sign-in/provider/back"


@dataclass
class Stand:
    """What the tests see of the provider, and where they make it lie."""

    issuer: str = ""
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    redirect_uris: set[str] = field(default_factory=lambda: {BACK})
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    published: list[RSAKey] | None = None
    forge: Callable[[str], str] | None = None
    lies: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    gives_email_only_when_asked: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, SimpleNamespace] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def said_of(self, subject: str) -> dict[str, Any]:
        return {"sub": subject, **self.people[subject]}


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


class _Client:
    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return BACK

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self._stand.redirect_uris

    def check_client_secret(self, secret: str) -> bool:
        from urllib.parse import unquote_plus

        return unquote_plus(secret) == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


def _grant(stand: Stand) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, asked: Any) -> None:
            said = asked.payload.data
            stand.codes[code] = SimpleNamespace(
                user=asked.user,
                code_challenge=said.get("code_challenge"),
                code_challenge_method=said.get("code_challenge_method"),
                get_redirect_uri=lambda: said["redirect_uri"],
                get_scope=lambda: said["scope"],
                get_nonce=lambda: said["nonce"],
                get_auth_time=lambda: None,
                get_acr=lambda: None,
                get_amr=lambda: None,
            )

        def query_authorization_code(self, code: str, client: Any) -> Any:
            del client
            return stand.codes.get(code)

        def delete_authorization_code(self, code: Any) -> None:
            stand.codes = {key: each for key, each in stand.codes.items() if each is not code}

        def authenticate_user(self, code: Any) -> Any:
            return code.user

    return Grant


def _open_id(stand: Stand) -> OpenIDCode:
    class Tokens(OpenIDCode):  # type: ignore[misc]
        def encode_id_token(self, token: Any, asked: Any) -> str:
            made: str = super().encode_id_token(token, asked)
            return stand.forge(made) if stand.forge else made

        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            del asked
            return any(each.get_nonce() == nonce for each in stand.codes.values())

        def resolve_client_private_key(self, client: Any) -> Any:
            del client
            return stand.key

        def get_client_algorithm(self, client: Any) -> str:
            del client
            return "RS256"

        def get_encode_header(self, client: Any) -> dict[str, str]:
            del client
            return {"alg": "RS256", "kid": stand.key.kid}

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return {"iss": stand.issuer, "aud": [client.get_client_id()]}

        def generate_user_info(self, user: str, scope: str) -> dict[str, Any]:
            del scope
            hidden = {"email", "email_verified"} if stand.gives_email_only_when_asked else set()
            said = {name: each for name, each in stand.said_of(user).items() if name not in hidden}
            # Whatever stands in `lies` takes the place of what Authlib would have written.
            return {**said, **stand.lies}

    return Tokens(require_nonce=True)


def _app(stand: Stand) -> Flask:
    app = Flask("provider")

    def save(token: dict[str, Any], asked: Any) -> None:
        stand.tokens[token["access_token"]] = asked.user

    server = AuthorizationServer(app, query_client=lambda _: _Client(stand), save_token=save)
    server.register_grant(_grant(stand), [CodeChallenge(required=True), _open_id(stand)])

    @app.before_request
    def note() -> None:
        stand.asked.append(request.path)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        places = {
            "authorization_endpoint": f"{stand.issuer}/authorize",
            "token_endpoint": f"{stand.issuer}/token",
            "jwks_uri": f"{stand.issuer}/keys",
            "userinfo_endpoint": f"{stand.issuer}/me",
            "end_session_endpoint": f"{stand.issuer}/out",
        }
        return jsonify({"issuer": stand.issuer, **places, **stand.discovery})

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(KeySet(stand.published or [stand.key]).as_dict(private=False))

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        if request.method == "GET":
            server.get_consent_grant(end_user=None)
            names = "".join(f"<button name='person' value='{each}'>{each}</button>" for each in stand.people)
            head = "<!doctype html><title>Hospital</title><link rel='icon' href='data:,'>"
            return f"{head}<form method='post'>{names}</form>"
        person = request.form["person"]
        grant = server.get_consent_grant(end_user=person)
        return server.create_authorization_response(grant_user=person, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/me")
    def me() -> Any:
        return jsonify(stand.said_of(stand.tokens[request.headers["Authorization"].split()[1]]))

    @app.get("/out")
    def out() -> Any:
        return redirect("/goodbye")

    return app


@pytest.fixture(scope="session")
def first_key() -> RSAKey:
    """Made once: a key of 2048 bits takes a moment."""
    return new_key("first")


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch, first_key: RSAKey) -> Iterator[Stand]:
    """A provider that runs, with a doctor whose subject there is `d-17`."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    stand = Stand(key=first_key)
    stand.people = {"d-17": {"email": "dora@hospital.example", "email_verified": True}, "x-99": {}}
    server = make_server("127.0.0.1", 0, _app(stand), threaded=True)
    stand.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield stand
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def use(app: Any, stand: Stand) -> Iterator[Callable[..., Provider]]:
    """Give a function that sets the clinic's provider, with other settings if wanted."""

    def chosen(**more: Any) -> Provider:
        own = {"issuer": stand.issuer, "client_id": CLIENT, "client_secret": SECRET, **more}
        app.state.site.provider = Provider(OidcSettings(**own))
        return app.state.site.provider

    chosen()
    yield chosen
    app.state.site.provider = None


@pytest.fixture
def link(clinic: Any, stand: Stand, use: Callable[..., Provider]) -> Callable[..., None]:
    """Give a function that links an account to a person at the provider."""
    del use

    def linked(role: str = "doctor", subject: str = "d-17") -> None:
        with clinic.records.acting(clinic.ids["administrator"]) as acting:
            acting.links.add(clinic.ids[role], issuer=stand.issuer, subject=subject)

    return linked


@pytest.fixture
def go_there(use: Callable[..., Provider]) -> Callable[..., str]:
    """Give a function that signs in at the provider like a browser, and gives where it is sent back to."""
    del use

    def there(client: Any, person: str = "d-17", *, back: str = "/") -> str:
        begun = client.get("/sign-in/provider", params={"back": back}, follow_redirects=False)
        assert begun.status_code == 303, begun.text
        address = begun.headers["location"]
        page = httpx.get(address)
        assert page.status_code == 200, page.text
        sent = httpx.post(address, data={"person": person})
        assert sent.status_code == 302, sent.text
        return str(sent.headers["location"])

    return there


@pytest.fixture
def come_in(go_there: Callable[..., str]) -> Callable[..., Any]:
    """Give a function that goes the whole way and gives the app's last answer."""

    def come(client: Any, person: str = "d-17", **more: Any) -> Any:
        return client.get(go_there(client, person, **more), follow_redirects=False)

    return come


@pytest.fixture
def trail(clinic: Any) -> Callable[[], list[tuple[str, str, dict[str, Any]]]]:
    """Give a function that reads the trail: action, actor, detail; newest first."""

    def read() -> list[tuple[str, str, dict[str, Any]]]:
        with clinic.records.acting(clinic.ids["administrator"]) as acting:
            return [(line.action, line.actor, dict(line.detail)) for line in acting.audit(limit=40)]

    return read


def asked_for(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def query_of() -> Callable[[str], dict[str, str]]:
    return asked_for


@pytest.fixture
def made_key() -> Callable[[str], RSAKey]:
    return new_key
