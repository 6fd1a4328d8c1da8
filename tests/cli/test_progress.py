"""Progress: silent when work is quick, there when it is slow, gone when it is done."""

from __future__ import annotations

import threading

import pytest

from milia.cli import progress as module


def test_quick_work_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with module.progress("planning") as told:
        told(0.5, "half")
    assert capsys.readouterr() == ("", "")


def test_slow_work_that_says_nothing_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = threading.Event()
    real = module._Lines.show

    def show(self: module._Lines, fraction: float, words: str) -> None:
        real(self, fraction, words)
        shown.set()

    monkeypatch.setattr(module._Lines, "show", show)
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    with module.progress("planning") as told:
        assert shown.wait(timeout=30)
        for share in (0.1, 0.2, 0.3, 0.9, 1.0):
            told(share, f"at {share}")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["  0 %  planning", " 30 %  at 0.3", " 90 %  at 0.9", "100 %  at 1.0"]


def test_nothing_is_shown_after_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    with module.progress("planning") as told:
        pass
    capsys.readouterr()
    told(0.5, "late")
    assert capsys.readouterr() == ("", "")
