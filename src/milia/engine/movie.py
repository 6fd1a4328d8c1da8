"""Moving pictures from frames: GIF, a page with a slider, or MP4, each written whole or not at all."""

from __future__ import annotations

import base64
import html
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError, MiliaError, one_line, write_atomically

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".gif", ".html", ".mp4")
FRAME_MS = 100
LAST_MS = 1500
# H.264 wants even sizes; the last frame stays for a moment
_FILTER = f"pad=ceil(iw/2)*2:ceil(ih/2)*2,tpad=stop_mode=clone:stop_duration={(LAST_MS - FRAME_MS) / 1000}"
OTHERS = ".gif and .html files are made without it"

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]


def check_movie_target(path: str | os.PathLike[str], *, key: str = "path") -> Path:
    """Return the target of a moving picture; refuse a kind that cannot be written here."""
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        problem = "the name of a moving picture must end in .gif, .html or .mp4"
        accepted = ", ".join(f"NAME{known}" for known in SUFFIXES)
        raise InputError(problem, key=key, value=os.fspath(path), accepted=accepted)
    if suffix == ".mp4" and shutil.which("ffmpeg") is None:
        problem = "ffmpeg, which makes MP4 files, is not on the PATH (on Debian: apt-get install ffmpeg)"
        accepted = "NAME.gif or NAME.html, which need nothing more"
        raise InputError(problem, key=key, value=os.fspath(path), accepted=accepted)
    return target


def write_movie(
    target: Path, frames: Iterable[Pixels], labels: Sequence[str], *, palette: Sequence[Colour]
) -> None:
    """Write frames [rows, columns, 3] as the kind that the target's name says.

    Parameters
    ----------
    target
        What :func:`check_movie_target` gave.
    frames
        Pictures of one size, taken one at a time.
    labels
        What each of them shows, for readers of the page.
    palette
        At most 256 colours for the kinds that have no more; one for all frames, or they would flicker.
    """
    suffix = target.suffix.lower()
    if suffix == ".mp4":
        write_atomically(target, _mp4(frames))
        return
    images = _reduced(frames, palette)
    write_atomically(target, _gif(images) if suffix == ".gif" else _page(images, labels))


def _reduced(frames: Iterable[Pixels], palette: Sequence[Colour]) -> list[Image]:
    from PIL import Image

    known = Image.new("P", (1, 1))
    known.putpalette([value for colour in palette for value in colour])
    return [Image.fromarray(frame).quantize(palette=known, dither=Image.Dither.NONE) for frame in frames]


def _gif(images: Sequence[Image]) -> bytes:
    made = io.BytesIO()
    images[0].save(
        made,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=[FRAME_MS] * (len(images) - 1) + [LAST_MS],
        loop=0,
        optimize=False,
    )
    return made.getvalue()


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Milia: one exposure</title>
<style>
body {{ font: 1rem/1.4 sans-serif; margin: 1rem auto; max-width: 41rem; padding: 0 .5rem; }}
img {{ display: block; width: 100%; height: auto; }}
form {{ display: flex; gap: .75rem; align-items: center; }}
input {{ flex: 1; }}
button {{ min-width: 5rem; font: inherit; }}
</style>
</head>
<body>
<img id="frame" alt="Cross-section of the skin under the laser" width="{width}" height="{height}">
<form>
<button type="button" id="play">Play</button>
<input type="range" id="when" min="0" max="{last}" value="0" aria-label="Frame">
</form>
<p id="label" aria-live="polite"></p>
<p>Simulated by Milia. Time runs evenly while the light is on, by its logarithm while the tissue cools.</p>
<script>
"use strict";
const frames = [
{frames}
];
const labels = [
{labels}
];
const image = document.getElementById("frame"), when = document.getElementById("when");
const play = document.getElementById("play"), label = document.getElementById("label");
let timer = null;
function show() {{
  image.src = "data:image/png;base64," + frames[when.value];
  label.textContent = labels[when.value];
  when.setAttribute("aria-valuetext", labels[when.value]);
}}
function stop() {{ clearInterval(timer); timer = null; play.textContent = "Play"; }}
play.addEventListener("click", () => {{
  if (timer !== null) {{ stop(); return; }}
  if (Number(when.value) === frames.length - 1) when.value = 0;
  play.textContent = "Pause";
  timer = setInterval(() => {{
    if (Number(when.value) === frames.length - 1) {{ stop(); return; }}
    when.value = Number(when.value) + 1;
    show();
  }}, {step});
}});
when.addEventListener("input", () => {{ stop(); show(); }});
show();
</script>
</body>
</html>
"""


def _page(images: Sequence[Image], labels: Sequence[str]) -> str:
    packed = []
    for image in images:
        made = io.BytesIO()
        image.save(made, format="PNG", optimize=True)
        packed.append(f'"{base64.b64encode(made.getvalue()).decode("ascii")}"')
    width, height = images[0].size
    return PAGE.format(
        width=width,
        height=height,
        last=len(images) - 1,
        frames=",\n".join(packed),
        labels=",\n".join(f'"{html.escape(text)}"' for text in labels),
        step=FRAME_MS,
    )


def _mp4(frames: Iterable[Pixels]) -> bytes:
    """Let ffmpeg make H.264 of the frames, in a folder of its own."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        for number, frame in enumerate(frames):
            Image.fromarray(frame).save(Path(folder) / f"{number:05d}.png", compress_level=1)
        made = Path(folder) / "made.mp4"
        words = [
            *("ffmpeg", "-nostdin", "-loglevel", "error", "-framerate", str(1000 // FRAME_MS)),
            *("-i", str(Path(folder) / "%05d.png"), "-vf", _FILTER),
            *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-threads", "1", "-fflags", "+bitexact"),
            *("-flags:v", "+bitexact", "-map_metadata", "-1", "-movflags", "+faststart", str(made)),
        ]
        try:
            done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            raise MiliaError(f"ffmpeg could not be started: {error.strerror}; {OTHERS}") from error
        if done.returncode != 0 or not made.is_file() or not made.stat().st_size:
            said = done.stderr.strip().splitlines() or ["it gave no reason"]
            raise MiliaError(f"ffmpeg could not make the MP4 file: {one_line(said[-1], 200)}; {OTHERS}")
        return made.read_bytes()
