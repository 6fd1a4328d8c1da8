"""Ten thousand exposures in one call: on a card when there is one, else on the processor's threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from milia.base import MiliaError
from milia.engine.ensemble import run_all, workers
from milia.engine.exposure import Exposure
from milia.engine.gpu.batch import Job, Outcome, march_all
from milia.engine.gpu.card import find_card
from milia.engine.gpu.firing import Member
from milia.engine.grid import PLANNING, GridRule
from milia.engine.measure import Crater
from milia.engine.parameters import Parameters
from milia.engine.solver import QUICK, Accuracy, march, start

# A thread of a card is many times slower than a processor's and the kernel takes seconds to compile. Where
# the balance lies has not been measured.
WORTH_A_CARD = 512


@dataclass(frozen=True, eq=False)
class Ensemble:
    """What became of every exposure, in order, and where it was computed.

    ``note`` says so in words: which card, or how many threads and why not a card.
    """

    members: tuple[Member, ...]
    device: Literal["cpu", "gpu"]
    note: str

    @property
    def craters(self) -> tuple[tuple[Crater, ...], ...]:
        """The craters of every member after each of its pulses."""
        return tuple(member.craters for member in self.members)


def run_ensemble(
    exposures: Sequence[Exposure],
    parameters: Parameters | Sequence[Parameters],
    *,
    device: Literal["auto", "cpu", "gpu"] = "auto",
    rule: GridRule = PLANNING,
    accuracy: Accuracy = QUICK,
    enough: Sequence[Callable[[Crater], bool]] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Ensemble:
    """Fire every exposure from rest, each on its own tissue, grid, setting and parameters.

    A card rounds differently in the last digits, so where the same bytes are wanted everywhere, ask for
    ``cpu``. The card is tested as far as that is possible without one, see ``docs/gpu.md``.

    Parameters
    ----------
    exposures
        Tissue, beam and train of each member.
    parameters
        One for all, or one for each member.
    device
        ``gpu`` or nothing, ``cpu``, or ``auto``: a card if one can be used and there are enough members.
    rule, accuracy
        How finely space and time are cut, for all members.
    enough
        For each member, whether its train may end after this crater.
    progress
        Called with the share that is done.

    Raises
    ------
    MiliaError
        For ``gpu`` without a card that can be used; or the error of the first member that failed.
    """
    jobs = _jobs(exposures, parameters, rule, accuracy, enough)
    if device not in ("auto", "cpu", "gpu"):
        raise MiliaError(f"an ensemble runs on auto, cpu or gpu, not {device}")
    why_not = "asked for"
    if device == "auto" and len(jobs) < WORTH_A_CARD:
        why_not = f"fewer than {WORTH_A_CARD} exposures do not fill a card"
    elif device != "cpu":
        try:
            card = find_card()
        except MiliaError as error:
            if device == "gpu":
                raise
            why_not = str(error)
        else:
            return Ensemble(_all_well(march_all(card, jobs, progress=progress)), "gpu", card.name)

    def one(number: int) -> Member:
        try:
            return _on_a_thread(jobs[number])
        except MiliaError as error:
            raise _named(number, len(jobs), error) from error

    members = run_all(one, range(len(jobs)), progress=progress)
    return Ensemble(tuple(members), "cpu", f"{workers()} threads of the processor: {why_not}")


def _all_well(outcomes: Sequence[Outcome]) -> tuple[Member, ...]:
    """Return the members, or raise what the first failed one said."""
    members = []
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, MiliaError):
            raise _named(number, len(outcomes), outcome) from outcome
        members.append(outcome)
    return tuple(members)


def _jobs(
    exposures: Sequence[Exposure],
    parameters: Parameters | Sequence[Parameters],
    rule: GridRule,
    accuracy: Accuracy,
    enough: Sequence[Callable[[Crater], bool]] | None,
) -> list[Job]:
    count = len(exposures)
    if not count:
        raise MiliaError("an ensemble needs at least one exposure")
    each = [parameters] * count if isinstance(parameters, Parameters) else list(parameters)
    ends = [None] * count if enough is None else list(enough)
    for what, given in (("parameters", each), ("enough", ends)):
        if len(given) != count:
            raise MiliaError(f"an ensemble of {count} exposures was given {len(given)} {what}")
    return [
        Job(exposure, own, rule, accuracy, end)
        for exposure, own, end in zip(exposures, each, ends, strict=True)
    ]


def _on_a_thread(job: Job) -> Member:
    exposure = job.exposure
    run = march(
        start(exposure, job.parameters, rule=job.rule),
        exposure.beam,
        exposure.train,
        job.parameters,
        accuracy=job.accuracy,
        enough=job.enough,
    )
    return Member(run.craters, run.peak_degC, run.steps)


def _named(number: int, count: int, error: MiliaError) -> MiliaError:
    return MiliaError(f"exposure {number + 1} of {count}: {error}")
