"""The commands that look something up: sites, devices, sources."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from milia.knowledge import load_knowledge
from milia.laser import devices
from milia.skin import sites

Milia = Callable[..., subprocess.CompletedProcess[bytes]]


def test_sites_are_all_listed(milia: Milia) -> None:
    found = json.loads(milia("sites", "--json").stdout)
    assert found["schema_version"] == "1.0"
    assert [site["name"] for site in found["sites"]] == [site.name for site in sites()]
    text = milia("sites").stdout.decode()
    assert [line.split()[0] for line in text.splitlines()[1:]] == [site.name for site in sites()]


def test_one_site_says_what_the_atlas_says(milia: Milia) -> None:
    found = json.loads(milia("sites", "lid_margin", "--json").stdout)["site"]
    (known,) = [site for site in sites() if site.name == "lid_margin"]
    assert found["hard_stop"] is True
    assert found["total_m"]["value"] == pytest.approx(known.total_m.value)
    assert found["total_m"]["quantity_id"] in found["evidence"]
    assert "hard stop" in milia("sites", "lid_margin").stdout.decode()


def test_one_device_says_every_pulse(milia: Milia) -> None:
    for known in devices():
        found = json.loads(milia("devices", known.name, "--json").stdout)["device"]
        pairs = [(pair["pulse_energy_J"], pair["pulse_duration_s"]) for pair in found["pulse_pairs"]]
        assert pairs == [pytest.approx(pair) for pair in known.deliverable()]
        assert found["flag"] == known.flag


def test_devices_table_names_every_device(milia: Milia) -> None:
    text = milia("devices").stdout.decode()
    for known in devices():
        assert known.name in text


@pytest.mark.parametrize(
    ("command", "wrong", "near"), [("sites", "chek", "cheek"), ("devices", "laser", "generic")]
)
def test_unknown_name_names_the_known_ones(milia: Milia, command: str, wrong: str, near: str) -> None:
    done = milia(command, wrong)
    assert (done.returncode, done.stdout) == (2, b"")
    (line,) = done.stderr.decode().splitlines()
    assert wrong in line
    assert near in line


def test_sources_lists_every_source(milia: Milia) -> None:
    found = json.loads(milia("sources", "--json").stdout)["sources"]
    assert [source["id"] for source in found] == [source.id for source in load_knowledge().sources]
    text = milia("sources").stdout.decode()
    for source in found:
        assert source["id"] in text


def test_sources_of_a_plan_are_the_plan_s_own(milia: Milia, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    own = [{"id": "somebody_2020", "citation": "Somebody 2020", "url": None, "flags": ["read", "derived"]}]
    plan.write_text(
        json.dumps({"schema_version": "1.0", "action": "observe", "provenance": {"sources": own}})
    )
    text = milia("sources", plan).stdout.decode()
    assert "somebody_2020" in text
    assert "read, derived" in text
    assert json.loads(milia("sources", plan, "--json").stdout)["sources"] == own


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\x01\x02",
        b"[1, 2]",
        b'{"action": "laser"}',
        b'{"schema_version": "2.0", "action": "laser", "provenance": {"sources": []}}',
        b'{"schema_version": "1.0", "action": "laser", "provenance": {"sources": [3]}}',
        b'{"schema_version": "1.0", "action": "laser", "x": NaN, "provenance": {"sources": []}}',
        b"[" * 100_000,
    ],
    ids=["empty", "binary", "a list", "no provenance", "other schema", "no sources", "NaN", "deep"],
)
@pytest.mark.parametrize("words", [["sources"], ["report", "--out", "plan.html"]], ids=["sources", "report"])
def test_what_is_no_plan_is_refused(
    milia: Milia, tmp_path: Path, desk: Path, content: bytes, words: list[str]
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_bytes(content)
    done = milia(words[0], plan, *words[1:])
    assert (done.returncode, done.stdout) == (2, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"milia: {plan}: ")
    assert list(desk.iterdir()) == []


def test_output_is_utf8_in_any_locale(milia: Milia) -> None:
    text = milia("sites", "cheek", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0").stdout
    assert "µm" in text.decode("utf-8")
