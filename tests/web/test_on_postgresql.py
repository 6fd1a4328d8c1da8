"""The app on PostgreSQL: first steps, demonstration, pages, saves at once, a job, the trail."""

from __future__ import annotations

import shutil
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from milia.records import Keyring, Records, open_records
from milia.web.app import create_app
from milia.web.limits import Limits
from milia.web.serve_work import run_next

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough password"
PAGES = ("/", "/patients", "/patients?q=amber", "/devices", "/outcomes", "/learn", "/account", "/roles")
ADMIN_PAGES = ("/", "/users", "/audit", "/clinic", "/devices")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server of the test's own."""
    installed = shutil.which("initdb") or next(Path("/usr/lib/postgresql").glob("*/bin/initdb"), None)
    if not installed:
        said = "PostgreSQL is not installed (Debian: postgresql): THE APP IS TESTED ON SQLITE ALONE"
        warnings.warn(said, stacklevel=1)
        pytest.skip(said)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        from benchmarks.web.stand import postgresql
    with postgresql() as address:
        yield address
    for name in [name for name in sys.modules if name.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


@pytest.fixture
def records(server: str, tmp_path: Path) -> Iterator[Records]:
    opened = open_records(server, Keyring.fresh(), data=tmp_path)
    yield opened
    opened.close()


def test_the_whole_app_on_postgresql(records: Records, visitor: Any) -> None:
    app = create_app(
        records, needs_setup=True, limits=Limits(dict.fromkeys(("sign_in", "setup", "public"), "1000/minute"))
    )

    def client() -> Any:
        return type(visitor)(app, base_url="http://localhost")

    admin = client()
    fields = {
        "csrf_token": admin.token_of("/setup"),
        "setup_code": records.setup_code(),
        "clinic": "한빛",
        "time_zone": "Asia/Seoul",
        "login": "ada",
        "name": "Ada",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }
    assert admin.post("/setup", data=fields).url.path == "/clinic"
    one_time = admin.post_form("/clinic/demo").text.split('id="one-time">')[1].split("<")[0]
    doctor = client()
    sent = {"csrf_token": doctor.token_of("/sign-in"), "login": "demo", "password": one_time}
    assert doctor.post("/sign-in", data=sent).url.path == "/account/password"
    change = {"old": one_time, "new": PASSWORD, "again": PASSWORD}
    doctor.post("/account/password", data={"csrf_token": doctor.token_of("/account/password"), **change})
    for someone, paths in ((doctor, PAGES), (admin, ADMIN_PAGES)):
        for path in paths:
            assert someone.get(path).status_code == 200, path

    token = {"X-CSRF-Token": doctor.token_of()}
    saved: list[int] = []

    def save(number: int) -> None:
        own = client()
        own.cookies.update(doctor.cookies)
        for _ in range(5):
            made = own.post("/api/v1/patients", json={"name": f"Amber {number} 가나다 😀"}, headers=token)
            saved.append(made.status_code)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert saved == [201] * 20
    assert len(doctor.get("/api/v1/patients", params={"q": "amber"}).json()) >= 20

    path = "/api/v1/drafts/visit/1"
    assert doctor.put(path, json={"content": {"a": "x"}}, headers=token).json() == {"version": 1}
    assert doctor.put(path, json={"content": {}, "version": 0}, headers=token).status_code == 409
    (entry,) = (each for each in doctor.get("/api/v1/devices").json())
    shots = (ROOT / "examples" / "shots.csv").read_text()
    device = f"/api/v1/devices/{entry['id']}"
    assert doctor.post(f"{device}/shots", json={"csv": shots}, headers=token).status_code == 201
    job = doctor.post(f"{device}/calibrate", headers=token).json()
    # the demonstration's own plans wait in the same queue
    tasks = {"calibrate": lambda content, _: {"shots": len(content["rows"])}, "plan": lambda *_: {}}
    while run_next(records, tasks):
        pass
    assert doctor.get(f"/api/v1/jobs/{job['id']}").json()["result"] == {"shots": 6}
    assert records.verify_audit().whole
