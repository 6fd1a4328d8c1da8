"""Many exposures at once give what each gives alone, wherever they are marched."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from milia.base import MiliaError
from milia.engine import Exposure, Parameters
from milia.engine.gpu import card, find_card, run_ensemble
from milia.engine.gpu.batch import Job, march_all


def mixture(tiny: ModuleType, count: int) -> tuple[list[Exposure], list[Parameters]]:
    """Both kinds of exposure in turn, every one with its own energy."""
    exposures, each = tiny.tiny()
    mixed = []
    for number in range(count):
        exposure = exposures[number % 2]
        energy = exposure.train.pulse_energy_J * (1.0 + 0.5 * number / count)
        mixed.append(replace(exposure, train=replace(exposure.train, pulse_energy_J=energy)))
    return mixed, [each[number % 2] for number in range(count)]


def jobs(tiny: ModuleType, exposures: list[Exposure], each: list[Parameters], **options: Any) -> list[Job]:
    return [Job(e, p, tiny.RULE, tiny.ACCURACY, **options) for e, p in zip(exposures, each, strict=True)]


@pytest.mark.parametrize("free", [1e12, 10e6], ids=["one batch", "several batches"])
def test_a_batch_gives_the_bits_of_single_runs(tiny: ModuleType, rehearsal: Any, free: float) -> None:
    exposures, each = mixture(tiny, 37)
    device = rehearsal(free=free)
    shares: list[float] = []
    together = march_all(device, jobs(tiny, exposures, each), progress=shares.append)
    alone = run_ensemble(exposures, each, device="cpu", rule=tiny.RULE, accuracy=tiny.ACCURACY)
    assert max(device.launches) == (37 if free > 1e9 else 32)
    for one, other in zip(together, alone.members, strict=True):
        assert not isinstance(one, MiliaError)
        assert tiny.numbers(one) == tiny.numbers(other)
    assert len({member.craters[-1].depth for member in alone.members}) > 30
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_train_ends_where_its_member_says(tiny: ModuleType, rehearsal: Any) -> None:
    exposures, each = mixture(tiny, 3)
    device = rehearsal()
    work = jobs(tiny, exposures, each)
    work[1] = replace(work[1], enough=lambda crater: crater.depth > 0.0)
    assert [len(member.craters) for member in march_all(device, work)] == [2, 1, 2]  # type: ignore[union-attr]
    assert device.launches == [3, 3, 2, 2]


def test_one_failure_does_not_touch_the_others(tiny: ModuleType, rehearsal: Any) -> None:
    exposures, each = mixture(tiny, 4)
    work = jobs(tiny, exposures, each)
    work[2] = replace(work[2], accuracy=replace(tiny.ACCURACY, max_steps=12))
    outcomes = march_all(rehearsal(), work)
    assert isinstance(outcomes[2], MiliaError)
    assert "more than 12 time steps" in str(outcomes[2])
    whole = march_all(rehearsal(), jobs(tiny, exposures, each))
    for number in (0, 1, 3):
        assert tiny.numbers(outcomes[number]) == tiny.numbers(whole[number])


@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_the_first_failure_is_named(
    tiny: ModuleType, rehearsal: Any, monkeypatch: pytest.MonkeyPatch, device: Any
) -> None:
    monkeypatch.setattr("milia.engine.gpu.ensemble.find_card", rehearsal)
    exposures, each = mixture(tiny, 4)
    boiling = [*exposures[:2], replace(exposures[2], initial_K=380.0), exposures[3]]
    with pytest.raises(MiliaError, match=r"^exposure 3 of 4: tissue at 380 K would boil"):
        run_ensemble(boiling, each, device=device, rule=tiny.RULE, accuracy=tiny.ACCURACY)


def test_a_card_that_is_there_is_used(
    tiny: ModuleType, rehearsal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("milia.engine.gpu.ensemble.find_card", rehearsal)
    monkeypatch.setattr("milia.engine.gpu.ensemble.WORTH_A_CARD", 3)
    exposures, each = mixture(tiny, 3)
    ensemble = run_ensemble(exposures, each, rule=tiny.RULE, accuracy=tiny.ACCURACY)
    assert (ensemble.device, ensemble.note) == ("gpu", "rehearsal")
    assert [len(craters) for craters in ensemble.craters] == [2, 2, 2]
    few = run_ensemble(exposures[:2], each[:2], rule=tiny.RULE, accuracy=tiny.ACCURACY)
    assert few.device == "cpu"
    assert few.craters[0][-1].depth == ensemble.craters[0][-1].depth


def test_a_grid_that_does_not_fit_is_refused(tiny: ModuleType, rehearsal: Any) -> None:
    exposures, each = mixture(tiny, 1)
    with pytest.raises(MiliaError, match="too little free memory"):
        march_all(rehearsal(free=1e5), jobs(tiny, exposures, each))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"exposures": []}, "at least one exposure"),
        ({"parameters": []}, "3 exposures was given 0 parameters"),
        ({"enough": [None]}, "3 exposures was given 1 enough"),
        ({"device": "tpu"}, "auto, cpu or gpu, not tpu"),
    ],
)
def test_what_cannot_be_is_refused(tiny: ModuleType, change: dict[str, Any], said: str) -> None:
    exposures, each = mixture(tiny, 3)
    given = {"exposures": exposures, "parameters": each, **change}
    with pytest.raises(MiliaError, match=said):
        run_ensemble(given.pop("exposures"), given.pop("parameters"), **given)


def test_a_small_ensemble_says_why_it_stayed_on_the_processor(tiny: ModuleType) -> None:
    exposures, each = mixture(tiny, 2)
    ensemble = run_ensemble(exposures[:1], each[0], rule=tiny.RULE, accuracy=tiny.ACCURACY)
    assert ensemble.device == "cpu"
    assert "do not fill a card" in ensemble.note
    assert ensemble.craters[0][-1].depth > 0.0


def test_without_a_card_auto_says_why_and_gpu_says_what_to_do(
    tiny: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "find_spec", lambda _name: None)
    monkeypatch.setattr("milia.engine.gpu.ensemble.WORTH_A_CARD", 1)
    exposures, each = mixture(tiny, 1)
    ensemble = run_ensemble(exposures, each, rule=tiny.RULE, accuracy=tiny.ACCURACY)
    assert ensemble.device == "cpu"
    assert "numba-cuda is not installed" in ensemble.note
    with pytest.raises(MiliaError, match=r"numba-cuda is not installed; pip install 'milia\[gpu\]'"):
        run_ensemble(exposures, each, device="gpu", rule=tiny.RULE, accuracy=tiny.ACCURACY)


def test_without_a_driver_the_reason_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba import cuda

    monkeypatch.setattr(card, "find_spec", lambda name: name)
    monkeypatch.setattr(cuda, "is_available", lambda: False)
    monkeypatch.setattr(cuda, "cuda_error", lambda: "\nCUDA driver library cannot be found.\nTry again:\n")
    with pytest.raises(
        MiliaError, match=r"no GPU can be used: CUDA driver library cannot be found\. Try again; pip"
    ):
        find_card()
