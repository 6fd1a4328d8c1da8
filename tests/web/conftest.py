"""A clinic with one person of each role, programs with tokens, and a real browser on a real server."""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from milia.records import Keyring, Records, open_records
from milia.web.app import create_app
from milia.web.limits import Limits
from milia.web.metrics import Metrics

with warnings.catch_warnings():
    # Starlette would like another client; the one that is locked here is the one it documents.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Page

PASSWORD = "a long enough password"
ROLES = ("doctor", "nurse", "front_desk", "administrator")
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
# axe-core 4.10.3 (MPL-2.0), axe.min.js of the package on the npm registry; for tests only.
AXE_SHA256 = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"
_numbers = itertools.count()
_TOKEN = re.compile(r'name="csrf-token" content="(\w+)"')
MANY = dict.fromkeys(("sign_in", "setup", "public", "person", "token"), "100000/minute")


class Clinic:
    """Records with one person of each role."""

    def __init__(self, folder: Path, keyring: Keyring, ids: dict[str, str]) -> None:
        self.folder, self.keyring, self.ids = folder, keyring, ids
        self.records: Records = open_records(f"sqlite:///{folder / 'records.db'}", keyring, data=folder)

    def password(self, role: str) -> str:
        return PASSWORD if role == "administrator" else PASSWORD + "!"


def _quick(patch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    patch.setattr("milia.records.credentials._hasher", PasswordHasher(1, 8, 1))
    patch.setattr("milia.records.credentials._NOBODY", [])


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keyring, dict[str, str]]:
    """Make the clinic once; each test gets a copy."""
    folder, keyring = tmp_path_factory.mktemp("pattern"), Keyring.fresh()
    with pytest.MonkeyPatch.context() as patch:
        _quick(patch)
        clinic = Clinic(folder, keyring, {})
        records = clinic.records
        clinic.ids["administrator"] = records.first_administrator(
            records.setup_code(),
            clinic="Test clinic",
            time_zone="Asia/Seoul",
            login="administrator",
            name="Ada Admin",
            password=PASSWORD,
        ).id
        with records.acting(clinic.ids["administrator"]) as acting:
            for role in ROLES[:3]:
                made = acting.users.add(login=role, role=role, name=f"{role.title()} Test", password=PASSWORD)
                clinic.ids[role] = made.id
        for role in ROLES[:3]:
            # The password that an administrator gives has to be changed.
            with records.acting(clinic.ids[role]) as acting:
                acting.users.change_password(PASSWORD, PASSWORD + "!")
        records.close()
    return folder, keyring, clinic.ids


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed with little work here; the records' own tests do it in full."""
    _quick(monkeypatch)


@pytest.fixture
def clinic(tmp_path: Path, pattern: tuple[Path, Keyring, dict[str, str]]) -> Iterator[Clinic]:
    folder = tmp_path / f"clinic{next(_numbers)}"
    shutil.copytree(pattern[0], folder)
    made = Clinic(folder, pattern[1], pattern[2])
    yield made
    made.records.close()


@pytest.fixture(scope="session")
def built(pattern: tuple[Path, Keyring, dict[str, str]]) -> Any:
    """The app, made once: its routes take a fifth of a second."""
    return create_app(Clinic(*pattern).records)


@pytest.fixture
def app(built: Any, clinic: Clinic) -> Iterator[Any]:
    """The app over this test's clinic; routes and templates that a test adds go away again."""
    site = built.state.site
    routes, loader = list(built.router.routes), site.env.loader
    site.records, site.limits, site.metrics, site.needs_setup = clinic.records, Limits(MANY), Metrics(), False
    site.forget()
    yield built
    built.router.routes[:] = routes
    site.env.loader, built.openapi_schema = loader, None


class Client(TestClient):
    """A browser without a screen: keeps cookies and sends the form's token."""

    role = ""

    def token_of(self, page: str = "/account") -> str:
        found = _TOKEN.search(self.get(page).text)
        assert found is not None
        return found[1]

    def post_form(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Post a form as the page would, following the redirect after it."""
        return self.post(path, data={"csrf_token": self.token_of(), **(fields or {})}, **more)


def sign_in(client: Client, login: str, password: str, **more: str) -> httpx.Response:
    token = client.token_of("/sign-in")
    return client.post("/sign-in", data={"csrf_token": token, "login": login, "password": password, **more})


@pytest.fixture
def new_client(app: Any) -> Callable[..., Client]:
    """Give a client with no cookie yet."""

    def made(**more: Any) -> Client:
        return Client(app, base_url="http://localhost", **more)

    return made


@pytest.fixture
def visitor(app: Any) -> Client:
    """A browser in which nobody is signed in."""
    return Client(app, base_url="http://localhost")


@pytest.fixture
def browser_of(app: Any, clinic: Clinic) -> Callable[[str], Client]:
    """Give a client in which a role is signed in."""

    def of(role: str) -> Client:
        client = Client(app, base_url="http://localhost")
        client.role = role
        answer = sign_in(client, role, clinic.password(role))
        assert answer.status_code == 200, answer.text
        return client

    return of


@pytest.fixture
def program(app: Any, clinic: Clinic) -> Callable[..., Client]:
    """Give a client with a token of a role and some scopes; without scopes, all that the role may own."""

    def of(role: str, scopes: list[str] | None = None) -> Client:
        from milia.records import allowed, role_actions

        wanted = scopes or sorted(each for each in role_actions() if allowed(role, each))
        with clinic.records.acting(clinic.ids[role]) as acting:
            token = acting.users.add_token("test", scopes=wanted, days=1)
        return Client(app, base_url="http://localhost", headers={"Authorization": f"Bearer {token}"})

    return of


@pytest.fixture
def serve_app() -> Iterator[Callable[[Any], str]]:
    """Give a function that serves an app on a free port, as in real life, and gives its address."""
    import uvicorn

    running = []

    def start(app: Any) -> str:
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def live(app: Any, serve_app: Callable[[Any], str]) -> str:
    """The address of the app with the test's clinic."""
    return serve_app(app)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


OpenPage = Callable[..., "Page"]


@pytest.fixture
def open_page(chromium: Browser, live: str, clinic: Clinic) -> Iterator[OpenPage]:
    """Give a function that opens a page in a browser of its own, signed in as a role ("" for nobody)."""
    contexts = []

    def of(role: str, *, language: str = "en-GB", narrow: bool = False, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=live,
            locale=language,
            viewport=NARROW if narrow else WIDE,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        if role:
            session = clinic.records.sign_in(role, clinic.password(role)).token
            context.add_cookies([{"name": "milia_session", "value": session, "url": live}])
        page = context.new_page()
        watch(page)
        page.goto("/")
        return page

    yield of
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page signed in as the doctor, 1440 px wide; `page.problems` collects what the console says."""
    return open_page("doctor")


def watch(page: Page) -> None:
    """Collect every error of the console and of scripts, and every request to another place."""
    problems: list[str] = []
    page.problems = problems  # type: ignore[attr-defined]
    page.on(
        "console",
        lambda said: problems.append(said.text) if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda sent: (
            problems.append(f"request to {sent.url}")
            if not sent.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else None
        ),
    )


@functools.cache
def _axe() -> str:
    """The source of axe-core, as it was published: another file is not run."""
    data = (Path(__file__).parent / "vendor" / "axe-core.min.js").read_bytes()
    assert hashlib.sha256(data).hexdigest() == AXE_SHA256
    return data.decode("utf-8")


def _check_page(page: Page, *, wide: bool = False) -> None:
    """No serious violation of accessibility, no console error, nothing wider than the screen."""
    page.evaluate(_axe())
    said = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    found = [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']][:4]}"
        for each in said["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert found == [], "\n".join(found)
    assert page.problems == []  # type: ignore[attr-defined]
    if not wide:
        spare = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert spare <= 0, f"{page.url} is {spare} px wider than the screen"


@pytest.fixture
def check_page() -> Callable[..., None]:
    """Give the check that every page has to pass."""
    return _check_page
