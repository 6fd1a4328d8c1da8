"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from milia.base import MiliaError, write_atomically


def test_content_text_and_bytes(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", "90 µm\n")
    write_atomically(tmp_path / "b.bin", b"\0\xff")
    assert (tmp_path / "a.txt").read_bytes() == "90 µm\n".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\0\xff"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.bin"]


@pytest.mark.parametrize("step", ["os.fsync", "os.replace", "os.chmod"])
@pytest.mark.parametrize("exception", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interruption_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, exception: type[BaseException]
) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")

    def interrupt(*_args: object) -> None:
        raise exception

    monkeypatch.setattr(step, interrupt)
    with pytest.raises(exception):
        write_atomically(path, "new" * 100_000)
    monkeypatch.undo()
    assert [found.name for found in tmp_path.iterdir()] == ["plan.json"]
    assert path.read_text() == "old"


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MiliaError, match="cannot be written: no space left on device"):
        write_atomically(tmp_path / "plan.json", "new")
    monkeypatch.undo()
    assert not list(tmp_path.iterdir())


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(MiliaError, match="the folder does not exist"):
        write_atomically(tmp_path / "none" / "plan.json", "x")


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(MiliaError, match="not a regular file"):
        write_atomically(tmp_path, "x")
    assert tmp_path.is_dir()


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(MiliaError, match="not a regular file"):
        write_atomically(path, "x")
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_atomically(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_permissions_follow_the_old_file_or_the_mask(tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_text("x")
    old.chmod(0o640)
    write_atomically(old, "y")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new.txt", "y")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o640
