"""Moving pictures: the right moments, read back frame by frame, never half a file."""

from __future__ import annotations

import base64
import io
import re
import shutil
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from milia.base import InputError, MiliaError
from milia.engine import Simulation, simulate
from milia.engine.animate import Scene, moments, record
from milia.engine.history import Shot, shots

TRAIN: dict[str, Any] = {
    "tissue": {"site": "cheek"},
    "lesion": {"diameter": "1 mm", "roof": "90 um"},
    "laser": {
        "wavelength": "10.6 um",
        "spot_diameter": "120 um",
        "profile": "gaussian",
        "pulse_energy": "6 mJ",
        "pulse_duration": "1 ms",
        "pulses": 2,
        "interval": "20 ms",
    },
    "initial_temperature": "33 degC",
}
FRAMES = 9


@pytest.fixture(scope="module")
def done() -> Simulation:
    return simulate(TRAIN)


@given(pulses=st.integers(1, 200), frames=st.integers(2, 300))
def test_moments_are_in_order_and_not_more_than_asked(pulses: int, frames: int) -> None:
    fired = tuple(Shot(k + 1, 0.1 * k, 0.1 * k + 1e-3, 0.1 * (k + 1)) for k in range(pulses))
    wanted = moments(fired, frames)
    times = [moment.time_s for moment in wanted]
    assert times == sorted(times)
    assert 2 <= len(wanted) <= frames
    assert times[0] == 0.0
    for moment in wanted:
        assert moment.shot.on_s <= moment.time_s <= moment.shot.end_s * (1 + 1e-12)
    if frames > 3 * pulses + 1:
        assert {moment.shot.number for moment in wanted} == set(range(1, pulses + 1))
        assert times[-1] == pytest.approx(fired[-1].end_s)


def test_cooling_is_spaced_by_the_logarithm() -> None:
    (shot,) = (Shot(1, 0.0, 1e-3, 0.5),)
    after = np.array([m.time_s - shot.off_s for m in moments((shot,), 60) if m.time_s > shot.off_s])
    ratios = after[1:] / after[:-1]
    assert len(after) > 20
    assert ratios == pytest.approx(ratios[0])
    assert after[0] < 1e-4


def test_looks_show_the_fields_of_their_time(done: Simulation) -> None:
    wanted = moments(shots(done.run), 30)
    looks = record(done, wanted, lambda _: None)
    history = done.history()
    hottest = float(history.hottest_temperature.max())
    assert looks[0].label == "before the first pulse"
    assert float(np.nanmax(looks[0].temperature)) == pytest.approx(33.0)
    assert not np.isnan(looks[0].temperature).any()
    lit = [look for look in looks if look.lit]
    assert {look.label.split(",")[0] for look in lit} == {"pulse 1", "pulse 2"}
    assert max(float(np.nanmax(look.temperature)) for look in lit) <= hottest + 1e-3
    assert max(float(np.nanmax(look.temperature)) for look in lit) > 100.0
    assert float(np.nanmax(looks[-1].temperature)) < 45.1
    assert looks[-1].surface.max() == pytest.approx(1e6 * done.crater.depth)
    assert "cooling" in looks[-1].label
    assert len({look.label for look in looks}) == len(looks)  # no step twice


def test_a_frame_shows_light_heat_and_what_is_gone(done: Simulation) -> None:
    looks = record(done, moments(shots(done.run), FRAMES), lambda _: None)
    scene = Scene(done)
    lit = next(look for look in looks if look.lit)
    first, bright, last = (scene.draw(look) for look in (looks[0], lit, looks[-1]))
    assert first.shape == bright.shape == last.shape
    assert first.dtype == np.uint8

    def pixel(frame: np.ndarray, x_um: float, z_um: float) -> tuple[int, ...]:
        x, y = scene.axes.transData.transform((x_um, z_um))
        return tuple(int(value) for value in frame[frame.shape[0] - 1 - round(y), round(x)])

    yellow, blank = (240, 192, 0), (244, 244, 244)
    assert pixel(bright, 0.0, -0.03 * scene.view.deep) == yellow
    assert pixel(first, 0.0, -0.03 * scene.view.deep) != yellow
    assert pixel(last, 0.0, 0.4e6 * done.crater.depth) == blank
    assert sum(pixel(first, 0.0, 0.4e6 * done.crater.depth)) < 60  # cold tissue is dark


def test_a_gif_has_every_frame(done: Simulation, tmp_path: Path) -> None:
    told: list[float] = []
    done.animate(tmp_path / "a.gif", frames=FRAMES, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == FRAMES  # type: ignore[attr-defined]
        assert image.info["loop"] == 0
        seen = set()
        for number in range(FRAMES):
            image.seek(number)
            seen.add(image.convert("RGB").tobytes())
        assert len(seen) == FRAMES
    done.animate(tmp_path / "b.gif", frames=FRAMES)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_a_page_needs_nothing_from_outside(done: Simulation, tmp_path: Path) -> None:
    done.animate(tmp_path / "a.html", frames=FRAMES)
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//\w+\.|@import|url\(", text)
    assert "default-src 'none'" in text
    frames = re.findall(r'^"(iVBOR[\w+/=]+)"', text, re.MULTILINE)
    assert len(frames) == FRAMES
    sizes = set()
    for frame in frames:
        with Image.open(io.BytesIO(base64.b64decode(frame))) as image:
            image.load()
            sizes.add(image.size)
    ((width, height),) = sizes
    assert width == 640
    assert 300 < height < 700
    # the default number of frames stays well below what mail lets through
    assert len(text) / FRAMES * 80 < 5e6


@pytest.mark.browser
def test_the_slider_moves_the_picture(done: Simulation, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    done.animate(tmp_path / "a.html", frames=FRAMES)
    asked, broken = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: broken.append(message.text))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto((tmp_path / "a.html").as_uri())
        assert page.inner_text("#label") == "before the first pulse"
        before = page.get_attribute("#frame", "src")
        page.locator("#when").fill(str(FRAMES - 1))
        assert page.get_attribute("#frame", "src") != before
        assert "cooling" in page.inner_text("#label")
        page.click("#play")  # from the end it starts again
        page.wait_for_selector("#play:text('Play')", timeout=20_000)
        assert page.input_value("#when") == str(FRAMES - 1)
        browser.close()
    assert not broken
    assert [url for url in asked if not url.startswith("data:")] == [(tmp_path / "a.html").as_uri()]


def test_without_ffmpeg_it_says_what_to_do(
    done: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(InputError, match=r"apt-get install ffmpeg.*NAME\.gif or NAME\.html"):
        done.animate(tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_an_ffmpeg_that_fails_leaves_nothing(
    done: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools, out = tmp_path / "bin", tmp_path / "out"
    tools.mkdir()
    out.mkdir()
    broken = tools / "ffmpeg"
    # it writes a part of the last argument, the file to be made, before it gives up
    broken.write_text(
        '#!/bin/sh\nfor last; do :; done\necho half > "$last"\necho "Unknown encoder libx264" >&2\nexit 1\n',
        encoding="utf-8",
    )
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(MiliaError, match=r"Unknown encoder libx264; \.gif and \.html"):
        done.animate(out / "a.mp4", frames=2)
    assert not list(out.iterdir())


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not here: apt-get install ffmpeg")
def test_an_mp4_is_one(done: Simulation, tmp_path: Path) -> None:
    done.animate(tmp_path / "a.mp4", frames=4)
    assert (tmp_path / "a.mp4").read_bytes()[4:8] == b"ftyp"


def test_an_interrupt_leaves_what_was_there(done: Simulation, tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"older")

    def stop(share: float) -> None:
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        done.animate(tmp_path / "a.gif", frames=4, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]
    assert (tmp_path / "a.gif").read_bytes() == b"older"


@pytest.mark.parametrize(("name", "frames"), [("a.avi", 10), ("a.gif", 1), ("a.gif", 1001)])
def test_what_cannot_be_shown_is_refused(done: Simulation, tmp_path: Path, name: str, frames: int) -> None:
    with pytest.raises(InputError, match="Accepted"):
        done.animate(tmp_path / name, frames=frames)
    assert not list(tmp_path.iterdir())
