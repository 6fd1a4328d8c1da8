"""Fire shots at scenarios, remember every outcome, and count what opens and what harms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from milia.engine import run_all
from milia.laser import Device, Settings
from milia.planning.goals import Goals
from milia.planning.outcomes import Fire, Outcome, Shot, Stop, fire_at
from milia.planning.scenarios import Scenario
from milia.planning.types import Candidate

TAIL = 0.05  # of each side of a 90 % interval


@dataclass(eq=False)
class Evaluator:
    """Fires shots at scenarios and remembers: the same pair is not simulated twice.

    Parameters
    ----------
    device, scenarios, goals, pulses
        What is fired, at what, to what end, and up to how many pulses.
    fire
        What simulates one shot at one scenario.
    stop
        When a train may end early.
    """

    device: Device
    scenarios: Sequence[Scenario]
    goals: Goals
    pulses: int
    fire: Fire = fire_at
    stop: Stop = Stop.DECIDED
    done: dict[tuple[Shot, int], Outcome] = field(default_factory=dict)
    counts: dict[Shot, int] = field(default_factory=dict)
    simulations: int = 0

    def ensure(
        self,
        shots: Iterable[Shot],
        count: int,
        progress: Callable[[float], None] | None = None,
        *,
        complete: bool = False,
    ) -> None:
        """Simulate every shot at the first ``count`` scenarios, as far as that has not been done.

        With ``complete`` trains that ended early are fired again to their last pulse.
        """
        listed = list(dict.fromkeys(shots))
        missing = [
            (shot, number)
            for shot in listed
            for number in range(count)
            if not self._known(shot, number, complete=complete)
        ]
        stop = Stop.NEVER if complete else self.stop

        def work(pair: tuple[Shot, int]) -> Outcome:
            shot, number = pair
            return self.fire(shot, self.scenarios[number], self.device, pulses=self.pulses, stop=stop)

        answers = run_all(work, missing, progress=progress)
        self.simulations += len(missing)
        self.done.update(zip(missing, answers, strict=True))
        for shot in listed:
            self.counts[shot] = max(count, self.counts.get(shot, 0))

    def _known(self, shot: Shot, number: int, *, complete: bool) -> bool:
        found = self.done.get((shot, number))
        if found is None:
            return False
        return not complete or found.fired == self.pulses or not bool(found.harmed[-1])

    def outcomes(self, shot: Shot) -> list[Outcome]:
        """Return what a shot did in every scenario it was fired at."""
        return [self.done[shot, number] for number in range(self.counts[shot])]

    def candidate(self, shot: Shot, pulses: int) -> Candidate:
        """Count what ``pulses`` pulses of a shot open and harm in all scenarios it was fired at."""
        rows = self.outcomes(shot)
        count = len(rows)
        opened = sum(bool(row.opened[pulses - 1]) for row in rows)
        harmed = sum(bool(row.harmed[pulses - 1]) for row in rows)
        severe = sum(bool(row.severe[pulses - 1]) for row in rows)
        p_open, p_harm, p_severe = opened / count, harmed / count, severe / count
        return Candidate(
            settings=Settings(
                pulse_energy_J=shot.pulse_energy_J,
                pulse_duration_s=shot.pulse_duration_s,
                spot_diameter_m=shot.spot_diameter_m,
                pulses=pulses,
                interval_s=shot.interval_s,
                passes=1,
            ),
            p_open=p_open,
            p_harm=p_harm,
            p_open_range=share_range(opened, count),
            p_harm_range=share_range(harmed, count),
            inside=p_open >= self.goals.p_open_min
            and p_harm <= self.goals.p_harm_max
            and p_severe <= self.goals.p_severe_max,
            scenarios=count,
            p_severe=p_severe,
        )

    def candidates(self, shots: Iterable[Shot]) -> list[Candidate]:
        """Count every number of pulses of every shot, in the order given."""
        return [self.candidate(shot, n) for shot in shots for n in range(1, self.pulses + 1)]


def share_range(hits: int, count: int) -> tuple[float, float]:
    """Return the 90 % interval of a share from its count (Jeffreys; Brown, Cai & DasGupta 2001)."""
    from scipy.special import betaincinv

    a, b = hits + 0.5, count - hits + 0.5
    low = 0.0 if hits == 0 else float(betaincinv(a, b, TAIL))
    high = 1.0 if hits == count else float(betaincinv(a, b, 1.0 - TAIL))
    return low, high


def shot_of(candidate: Candidate) -> Shot:
    """Return the shot behind a candidate."""
    settings = candidate.settings
    return Shot(
        settings.spot_diameter_m, settings.pulse_energy_J, settings.pulse_duration_s, settings.interval_s
    )
