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
    named
        Scenarios with a name and a probability of their own; every shot is fired at all of them.
    """

    device: Device
    scenarios: Sequence[Scenario]
    goals: Goals
    pulses: int
    fire: Fire = fire_at
    stop: Stop = Stop.DECIDED
    named: Sequence[Scenario] = ()
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
            for number in (*range(count), *range(-len(self.named), 0))
            if not self._known(shot, number, complete=complete)
        ]

        def work(pair: tuple[Shot, int]) -> Outcome:
            shot, number = pair
            skin = self.scenarios[number] if number >= 0 else self.named[number]
            stop = Stop.NEVER if complete and not shot.looked else self.stop
            return self.fire(shot, skin, self.device, pulses=self.pulses, stop=stop)

        answers = run_all(work, missing, progress=progress)
        self.simulations += len(missing)
        self.done.update(zip(missing, answers, strict=True))
        for shot in listed:
            self.counts[shot] = max(count, self.counts.get(shot, 0))

    def _known(self, shot: Shot, number: int, *, complete: bool) -> bool:
        found = self.done.get((shot, number))
        if found is None:
            return False
        if shot.looked:
            return True  # it went as far as the look let it
        return not complete or found.fired == self.pulses or not bool(found.harmed[-1])

    def outcomes(self, shot: Shot) -> list[Outcome]:
        """Return what a shot did in every drawn scenario it was fired at."""
        return [self.done[shot, number] for number in range(self.counts[shot])]

    @property
    def share_named(self) -> float:
        """The probability of the named scenarios together."""
        return sum(skin.weight for skin in self.named)

    def weighted(self, shot: Shot, count: int | None = None) -> list[tuple[Outcome, Scenario, float]]:
        """Return what a shot did in drawn and named scenarios, each with its probability; they sum to one.

        ``count`` takes only the first so many of those drawn.
        """
        drawn = self.outcomes(shot)[:count]
        each = (1.0 - self.share_named) / len(drawn)
        rows = [(row, skin, each) for row, skin in zip(drawn, self.scenarios, strict=False)]
        for number, skin in enumerate(self.named, start=-len(self.named)):
            rows.append((self.done[shot, number], skin, skin.weight))
        return rows

    def candidate(self, shot: Shot, pulses: int) -> Candidate:
        """Count what ``pulses`` pulses of a shot open and harm in all scenarios it was fired at."""
        count = self.counts[shot]
        p_open, p_open_range = self._share(shot, "opened", pulses)
        p_harm, p_harm_range = self._share(shot, "harmed", pulses)
        p_severe, _ = self._share(shot, "severe", pulses)
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
            p_open_range=p_open_range,
            p_harm_range=p_harm_range,
            inside=p_open >= self.goals.p_open_min
            and p_harm <= self.goals.p_harm_max
            and p_severe <= self.goals.p_severe_max,
            scenarios=count,
            p_severe=p_severe,
            looked=shot.looked,
            step=shot.step,
            ladder=shot.ladder,
        )

    def _share(self, shot: Shot, name: str, pulses: int) -> tuple[float, tuple[float, float]]:
        """Return the probability of what ``name`` says after ``pulses``, and its interval from counting."""
        hits = sum(bool(getattr(row, name)[pulses - 1]) for row in self.outcomes(shot))
        count, left = self.counts[shot], 1.0 - self.share_named
        sure = sum(
            skin.weight
            for number, skin in enumerate(self.named, start=-len(self.named))
            if getattr(self.done[shot, number], name)[pulses - 1]
        )
        low, high = share_range(hits, count)
        return sure + left * hits / count, (sure + left * low, sure + left * high)

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
        settings.spot_diameter_m,
        settings.pulse_energy_J,
        settings.pulse_duration_s,
        settings.interval_s,
        looked=candidate.looked,
        step=candidate.step,
        ladder=candidate.ladder,
    )
