"""An evaluator that fires the engine where a plan's answer lies, and estimates elsewhere.

What is recommended rests on the engine: its chances are those the engine counts in some skins, plus what the
surrogate says the other skins add (a control variate). What only draws the chart is estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from milia.engine import Crater, run_all
from milia.laser import Device
from milia.planning.case import Case
from milia.planning.evaluate import Evaluator, share_range
from milia.planning.goals import Goals
from milia.planning.live.inputs import COLUMN, coordinates, skins_of, under
from milia.planning.live.outputs import OUTPUT, length_of
from milia.planning.live.outputs import PULSES as MOST
from milia.planning.live.prepared import Prepared, prepare
from milia.planning.live.shapes import shapes_of
from milia.planning.live.surrogate import Surrogate
from milia.planning.live.verdicts import Limits, Verdicts, lengths_of, raw_outputs, verdicts_of
from milia.planning.outcomes import Outcome, Shot, Stop, fire_at
from milia.planning.scenarios import Scenario, Scenarios

Array = NDArray[np.float64]

ENGINE_SKINS = 64
NAMES = ("opened", "harmed", "severe")
LENGTHS = {
    "opening": "opening_um",
    "depth": "crater_depth_um",
    "rtd_floor": "rtd_floor_um",
    "rtd_wall": "rtd_wall_um",
    "harm_depth": "harm_depth_um",
    "wound_width": "wound_width_um",
}


@dataclass(eq=False)
class SwiftEvaluator(Evaluator):
    """Estimates a shot in the first ``count`` skins; at the full count the engine fires the first few.

    ``prepared`` belongs to the same scenarios. ``engine_skins`` is how many skins the engine fires at a shot
    that is counted in all ``scenarios``. ``fired`` tells for each shot at how many skins the engine was.
    """

    prepared: Prepared | None = None
    engine_skins: int = ENGINE_SKINS
    fired: dict[Shot, int] = field(default_factory=dict)
    chances: dict[Shot, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.prepared is not None
        self.surrogate = self.prepared.surrogate
        # what drifts asks is estimated too
        self.fire = self._estimate_one

    def ensure(
        self,
        shots: Iterable[Shot],
        count: int,
        progress: Callable[[float], None] | None = None,
        *,
        complete: bool = False,
    ) -> None:
        """Estimate every shot in the first ``count`` skins; of a full count the first few are fired.

        Every train goes to its last pulse, so that ``complete`` asks for nothing more.
        """
        del complete
        listed = list(dict.fromkeys(shots))
        for shot in listed:
            if shot not in self.chances:
                self._estimate(shot)
            self.counts[shot] = max(count, self.counts.get(shot, 0))
        if count >= len(self.scenarios):
            self.recount(listed, self.engine_skins, progress)

    def recount(
        self, shots: Iterable[Shot], skins: int, progress: Callable[[float], None] | None = None
    ) -> None:
        """Fire the engine at the first ``skins`` skins, as far as that has not been done."""
        skins = min(skins, len(self.scenarios))
        missing = [
            (shot, number)
            for shot in dict.fromkeys(shots)
            for number in range(self.fired.get(shot, 0), skins)
        ]

        def work(pair: tuple[Shot, int]) -> Outcome:
            shot, number = pair
            return fire_at(shot, self.scenarios[number], self.device, pulses=self.pulses, stop=Stop.NEVER)

        self.done.update(zip(missing, run_all(work, missing, progress=progress), strict=True))
        self.simulations += len(missing)
        for shot, _ in missing:
            self.fired[shot] = skins

    def _share(self, shot: Shot, name: str, pulses: int) -> tuple[float, tuple[float, float]]:
        """Return a probability: the estimate in all skins, moved by what the engine found in some.

        The interval is that of as many counted skins as would leave the same doubt.
        """
        column, drawn, fired = NAMES.index(name), self.counts[shot], self.fired.get(shot, 0)
        estimated = self.chances[shot][:, pulses - 1, column]
        share = float(estimated[:drawn].mean())
        doubt = share * (1.0 - share) / drawn
        if fired:
            verdicts = np.array([getattr(self.done[shot, n], name)[pulses - 1] for n in range(fired)], float)
            away = verdicts - estimated[:fired]
            share = float(np.clip(share + away.mean(), 0.0, 1.0))
            doubt = share * (1.0 - share) / drawn + float(away.var()) / fired
        else:
            doubt += (0.5 * float(self.surrogate.errors["p_harm" if column else "p_open"])) ** 2
        alike = drawn if doubt <= 0.0 else max(1, round(share * (1.0 - share) / doubt)) or drawn
        low, high = share_range(round(share * alike), alike)
        left = 1.0 - self.share_named
        named = len(self.scenarios) + np.arange(len(self.named))
        sure = sum(
            skin.weight * float(self.chances[shot][at, pulses - 1, column])
            for skin, at in zip(self.named, named, strict=True)
        )
        ends = min(low, share), max(high, share)
        return sure + left * share, (sure + left * ends[0], sure + left * ends[1])

    def _estimate(self, shot: Shot) -> None:
        every = [*self.scenarios, *self.named]
        rows = estimates(self.surrogate, shot, every, self.device, self.pulses)
        self.chances[shot] = np.stack([rows.chances.opened, rows.chances.harmed, rows.chances.severe], axis=2)
        drawn = len(self.scenarios)
        for at, made in enumerate(rows.outcomes()):
            self.done[shot, at if at < drawn else at - len(every)] = made

    def _estimate_one(
        self, shot: Shot, scenario: Scenario, device: Device, *, pulses: int, stop: Stop
    ) -> Outcome:
        del stop
        return estimates(self.surrogate, shot, [scenario], device, pulses).outcomes()[0]


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimated wounds under a shot: chances, lengths [m], volumes [skins, pulses]; profiles [.., radii]."""

    chances: Verdicts
    lengths: dict[str, Array]
    radii: Array
    surface: Array
    harm: Array
    volume: Array

    def outcomes(self) -> list[Outcome]:
        """Return each skin's outcome; a verdict is what is likelier."""
        return [self._outcome(i) for i in range(len(self.surface))]

    def _outcome(self, i: int) -> Outcome:
        pulses = self.chances.opened.shape[1]
        got = {name: values[i] for name, values in self.lengths.items()}
        return Outcome(
            **{name: got[name] for name in (*LENGTHS, "width", "collateral", "heat_K")},
            opened=self.chances.opened[i] > 0.5,
            harmed=self.chances.harmed[i] > 0.5,
            severe=self.chances.severe[i] > 0.5,
            craters=tuple(self._crater(i, n, got) for n in range(pulses)),
            fired=pulses,
        )

    def _crater(self, i: int, n: int, got: dict[str, Array]) -> Crater:
        surface = self.surface[i, n]
        return Crater(
            r=self.radii,
            surface=surface,
            harm=self.harm[i, n],
            depth=float(got["depth"][n]),
            width=float(got["width"][n]),
            rtd_floor=float(got["rtd_floor"][n]),
            rtd_wall=float(got["rtd_wall"][n]),
            harm_depth=float(got["harm_depth"][n]),
            wound_width=float(got["wound_width"][n]),
            removed_volume=float(self.volume[i, n]),
        )


def estimates(
    surrogate: Surrogate, shot: Shot, skins: Sequence[Scenario], device: Device, pulses: int
) -> Estimates:
    """Estimate what a shot does to skins; what lies outside the surrogate's range is moved to its end.

    Only for charts and comparisons: a caller has asked :func:`prepare` whether the case may be estimated.
    """
    rows = under(skins_of(skins), shot, device)
    for name, number in COLUMN.items():
        if name in surrogate.ranges:
            rows[:, number] = np.clip(rows[:, number], *surrogate.ranges[name])
    area = 0.25 * np.pi * rows[:, COLUMN["spot"]] ** 2
    low, high = surrogate.ranges["fluence"]
    rows[:, COLUMN["energy"]] = np.clip(rows[:, COLUMN["energy"]], low * area, high * area)
    x = coordinates(rows)
    outputs = raw_outputs(surrogate, x, pulses)
    limits = Limits.of(skins, [1.0 / len(skins)] * len(skins))
    lengths = _lengths(outputs, rows, skins, pulses)
    shapes = [shapes_of(surrogate, x, n) for n in range(1, pulses + 1)]
    # a last radius at which there is neither crater nor harm
    edge = np.zeros((len(skins), pulses, 1))
    radii = np.append(surrogate.radii, 1.1 * surrogate.radii[-1]) * shot.spot_diameter_m
    surface = np.concatenate([np.stack([s for s, _ in shapes], axis=1), edge], axis=2)
    return Estimates(
        chances=verdicts_of(outputs, rows, limits, surrogate),
        lengths=lengths,
        radii=radii,
        surface=surface,
        harm=np.concatenate([np.stack([h for _, h in shapes], axis=1), edge], axis=2),
        volume=np.asarray(2.0 * np.pi * np.trapezoid(surface * radii, radii, axis=2)),
    )


def _lengths(outputs: Array, rows: Array, skins: Sequence[Scenario], pulses: int) -> dict[str, Array]:
    """Return lengths [skins, pulses] in m, and the hottest tissue before each pulse in K."""
    each = [lengths_of(outputs, rows, n) for n in range(1, pulses + 1)]
    made = {name: 1e-6 * np.stack([one[key] for one in each], axis=1) for name, key in LENGTHS.items()}
    made["width"] = length_of("width", outputs[..., OUTPUT["width"]])
    made["collateral"] = np.maximum(0.0, 0.5 * (made["wound_width"] - made["width"]))
    rest = np.array([skin.initial_K for skin in skins])[:, None]
    warm = rest + length_of("warmth", outputs[:, :-1, OUTPUT["warmth"]])
    made["heat_K"] = np.maximum.accumulate(np.concatenate([rest, warm], axis=1), axis=1)
    return made


def swift_evaluator(
    case: Case, goals: Goals, scenarios: Scenarios, pulses: int, *, engine_skins: int = ENGINE_SKINS
) -> SwiftEvaluator | None:
    """Return an evaluator of a case that estimates; nothing where the surrogate refuses the case."""
    prepared = prepare(case, scenarios=scenarios, goals=goals)
    if prepared.refused is not None or pulses > MOST:
        return None
    return SwiftEvaluator(
        case.device,
        scenarios.items,
        goals,
        pulses,
        named=scenarios.named,
        prepared=prepared,
        engine_skins=engine_skins,
    )
