"""The file in the package, and whether it still belongs to the engine."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from milia.base import MiliaError
from milia.planning import Case, Shot
from milia.planning.live import Prepared, answer, load_surrogate, prepare, prepared, stale
from milia.planning.live.outputs import OUTPUT, OUTPUTS
from milia.planning.live.surrogate import FOLDER, NAME, Surrogate, write_surrogate


def shifted(surrogate: Surrogate, by: float) -> Surrogate:
    """Return a surrogate that takes every crater for wider."""
    verdicts = surrogate.verdicts
    mean = verdicts.output_mean.copy()
    mean[OUTPUT["opening"] :: len(OUTPUTS)] += np.float32(by)
    return replace(surrogate, verdicts=replace(verdicts, output_mean=mean))


def test_the_file_is_small_and_says_where_it_comes_from() -> None:
    made = load_surrogate()
    assert (FOLDER / f"{NAME}.npz").stat().st_size < 5e6
    assert made.provenance["design"]["trains"] > 20_000
    assert 0.0 < made.errors["p_open"] < 0.1
    assert 0.0 < made.errors["p_harm"] < 0.15
    assert made.errors["cases"] >= 20


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    for name in (f"{NAME}.npz", f"{NAME}.yaml"):
        shutil.copy(FOLDER / name, tmp_path)
    content = bytearray((tmp_path / f"{NAME}.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / f"{NAME}.npz").write_bytes(bytes(content))
    load_surrogate.cache_clear()
    try:
        with pytest.raises(MiliaError, match=r"does not have the checksum.*tools\.surrogate"):
            load_surrogate(tmp_path)
    finally:
        load_surrogate.cache_clear()


def test_what_is_written_is_read_back_and_written_the_same(tmp_path: Path) -> None:
    shipped = load_surrogate()
    made = replace(shipped, provenance={**shipped.provenance, "sha256": "of another file"})
    for name in ("a", "b"):
        write_surrogate(made, folder=tmp_path / name)
    assert (tmp_path / "a" / f"{NAME}.npz").read_bytes() == (tmp_path / "b" / f"{NAME}.npz").read_bytes()
    load_surrogate.cache_clear()
    again = load_surrogate(tmp_path / "a")
    load_surrogate.cache_clear()
    x = np.random.default_rng(0).normal(size=(3, len(made.verdicts.input_mean)))
    np.testing.assert_array_equal(again.verdicts.at(x), made.verdicts.at(x))


def test_another_engine_with_the_same_answers_is_the_same_engine(
    eyelid: Case, ready: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = stale.made_with()
    monkeypatch.setattr(stale, "made_with", lambda: {**now, "engine": "something else"})
    assert stale.changed(ready.surrogate, ready.scenarios.parameter_set) == ("engine",)
    assert prepare(eyelid, scenarios=ready.scenarios, goals=ready.goals).refused is None


def test_a_surrogate_of_another_engine_is_refused_and_the_engine_answers(
    eyelid: Case, ready: Prepared, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = stale.made_with()
    monkeypatch.setattr(stale, "made_with", lambda: {**now, "numbers": "something else"})
    wrong = shifted(ready.surrogate, 0.5)
    monkeypatch.setattr(prepared, "load_surrogate", lambda: wrong)
    made = prepare(eyelid, scenarios=ready.scenarios, goals=ready.goals)
    assert made.refused is not None
    assert "another state of numbers" in made.note
    monkeypatch.setattr("milia.planning.live.answers.ENGINE_SKINS", 8)
    found = answer(made, shot)
    assert not found.estimate
    assert found.scenarios == 8
    assert found.notes[0] == made.note


def test_other_parameters_are_noticed_by_name(ready: Prepared) -> None:
    assert stale.changed(ready.surrogate, ready.scenarios.parameter_set) == ()
    assert stale.changed(ready.surrogate, "a clinic's own") == ("parameters",)
