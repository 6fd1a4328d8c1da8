"""Fire a setting at simulated skins and record, pulse by pulse, what opened and what was harmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from milia.calibration import with_damage
from milia.engine import Accuracy, Crater, Exposure, GridRule, State, march, start, wipe
from milia.laser import Device, PulseTrain
from milia.planning.aim import harm_off_centre, opening_off_centre
from milia.planning.limits import ZERO_degC
from milia.planning.look import stops, the_look
from milia.planning.scenarios import Scenario

Array = NDArray[np.float64]

# Fine where roofs lie, coarse in the keratin below, where a cell more or less decides nothing. Over 24
# skins of a lower eyelid and two shots, openings differ from the engine's fine grid by 1 ± 7 µm and crater
# depths by 2 % in the middle, in an eighth of the time; the same skins are opened and harmed.
COUNTING = GridRule(cells_per_radius=14, fine_z=5e-6, fine_depth=150e-6, coarse_z=16e-6, growth=1.3)
SCOUTING = GridRule(cells_per_radius=10, fine_z=6e-6, fine_depth=120e-6, coarse_z=30e-6, growth=1.4)
BRISK = Accuracy(advance=1.0, change=0.7, growth=2.0, dt_min_s=1e-6)
# The simulated tissue is 3 mm deep; a train ends before a pulse that could go through its bottom. In
# tissue that is still warm a pulse may go half as deep again as the one before.
BOTTOM_M = 3.0e-3
DEEPER_WHEN_WARM = 1.5


@dataclass(frozen=True, order=True)
class Shot:
    """A setting without its number of pulses: one simulation tells all numbers up to the last.

    A ``looked`` one is fired pulse by pulse: before the next, the tissue has cooled and been wiped. Its
    ``ladder`` holds energy [J] and duration [s] of each pulse where they differ, beginning with the first;
    ``step`` says how many of the device's energies lie from one to the next.
    """

    spot_diameter_m: float
    pulse_energy_J: float
    pulse_duration_s: float
    interval_s: float
    looked: bool = False
    step: int = 0
    ladder: tuple[tuple[float, float], ...] = ()

    def pulse(self, number: int) -> tuple[float, float]:
        """Return energy [J] and duration [s] of one pulse, counted from 0; beyond the ladder its last."""
        if not self.ladder:
            return self.pulse_energy_J, self.pulse_duration_s
        return self.ladder[min(number, len(self.ladder) - 1)]


class Stop(StrEnum):
    """When a train of pulses need not go on."""

    HARMED = "harmed"  # living tissue is lost past its limit: what comes later cannot be recommended
    DECIDED = "decided"  # opened, harmed and severely so: no further pulse can change any of it
    OPENED = "opened"  # open, and one needless pulse fired after that
    LOOKED = "looked"  # seen open by whoever looks in this skin, rightly or not
    NEVER = "never"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one scenario's tissue looks like after each pulse; arrays [pulses], SI.

    Only the first ``fired`` pulses were simulated; the rows after them repeat the last one. Where the
    train was ended because the next pulse could have gone through the bottom of the tissue, they count
    as harmed. ``heat_K`` is the hottest tissue that any pulse of the train so far has met; ``collateral``
    is damage beside the crater.
    """

    opening: Array
    depth: Array
    width: Array
    rtd_floor: Array
    rtd_wall: Array
    harm_depth: Array
    wound_width: Array
    collateral: Array
    heat_K: Array
    opened: NDArray[np.bool_]
    harmed: NDArray[np.bool_]
    severe: NDArray[np.bool_]
    craters: tuple[Crater, ...]
    fired: int


class Fire(Protocol):
    """How a shot is fired at a scenario: the engine, or a stand-in with a known answer."""

    def __call__(
        self, shot: Shot, scenario: Scenario, device: Device, *, pulses: int, stop: Stop
    ) -> Outcome: ...


def fire_at(
    shot: Shot,
    scenario: Scenario,
    device: Device,
    *,
    pulses: int,
    stop: Stop = Stop.NEVER,
    rule: GridRule = COUNTING,
    accuracy: Accuracy = BRISK,
) -> Outcome:
    """Simulate up to ``pulses`` pulses of a shot at one scenario, ending early as ``stop`` allows."""
    if shot.looked:
        return _fire_and_look(shot, scenario, device, pulses=pulses, stop=stop, rule=rule, accuracy=accuracy)
    beam = device.beam(shot.spot_diameter_m, focus_offset_m=scenario.focus_m)
    train = _train(shot, 0, scenario, pulses=pulses)
    exposure = Exposure(scenario.tissue, beam, train, scenario.initial_K, scenario.water_scale)
    depths = [0.0]

    def enough(simulated: Crater) -> bool:
        crater = with_damage(simulated, scenario.damage_scale)
        depths.append(crater.depth)
        return may_go_through(depths) or decided(crater, scenario, stop)

    run = march(
        start(exposure, scenario.parameters, rule=rule),
        beam,
        train,
        scenario.parameters,
        accuracy=accuracy,
        enough=enough,
    )
    craters = [with_damage(crater, scenario.damage_scale) for crater in run.craters]
    # before the second pulse the tissue has gone through the first one and its interval: two spans
    met = [scenario.initial_K, *(degC + ZERO_degC for degC in run.history.hottest_degC[2::2])]
    return outcome_of(craters, scenario, pulses, through=may_go_through(depths), met_K=met[: len(craters)])


def _fire_and_look(
    shot: Shot,
    scenario: Scenario,
    device: Device,
    *,
    pulses: int,
    stop: Stop,
    rule: GridRule,
    accuracy: Accuracy,
) -> Outcome:
    """Fire pulse by pulse into the crater that the former ones left; in between it cools and is wiped."""
    beam = device.beam(shot.spot_diameter_m, focus_offset_m=scenario.focus_m)
    trains = [_train(shot, number, scenario, pulses=1) for number in range(pulses)]
    # the train ends before a pulse could leave the tissue: the grid need not hold them all
    strongest = replace(max(trains, key=lambda train: train.pulse_energy_J), passes=min(pulses, 2))
    exposure = Exposure(scenario.tissue, beam, strongest, scenario.initial_K, scenario.water_scale)
    state = start(exposure, scenario.parameters, rule=rule)
    craters: list[Crater] = []
    depths, through = [0.0], False
    for number, train in enumerate(trains):
        if number:
            _rest(state)
            wipe(state)
        run = march(state, beam, train, scenario.parameters, accuracy=accuracy)
        craters.append(with_damage(run.craters[-1], scenario.damage_scale))
        depths.append(craters[-1].depth)
        if enough_seen(craters, scenario, stop):
            through = False
            break
        stronger = trains[min(number + 1, pulses - 1)].pulse_energy_J / train.pulse_energy_J
        through = may_go_through(depths, stronger=stronger)
        if through:
            break
    return outcome_of(craters, scenario, pulses, through=through)


def _train(shot: Shot, number: int, scenario: Scenario, *, pulses: int) -> PulseTrain:
    """Return what arrives at this skin: so many pulses of the given one's energy."""
    energy, duration = shot.pulse(number)
    return PulseTrain(
        pulse_energy_J=energy * scenario.delivered * scenario.energy_scale,
        pulse_duration_s=duration,
        pulses=pulses,
        interval_s=max(shot.interval_s, duration),
    )


def _rest(state: State) -> None:
    """Let the tissue come back to its initial temperature while somebody looks."""
    for field in (state.fields.e, state.fields.rise, state.fields.before):
        field[:] = 0.0


def enough_seen(craters: Sequence[Crater], scenario: Scenario, stop: Stop) -> bool:
    """Say whether a looked train may end after the last of these craters.

    With ``Stop.LOOKED`` it does where the look in this skin says so, whose errors the scenario has drawn.
    """
    is_open = opened(craters[-1], scenario)
    if stop is Stop.LOOKED:
        at = len(craters) - 1
        luck = scenario.look[at] if at < len(scenario.look) else 0.5
        return stops(is_open, luck, the_look()[0])
    if stop is Stop.OPENED:
        return is_open and len(craters) > 1 and opened(craters[-2], scenario)
    return decided(craters[-1], scenario, stop)


def scout_at(shot: Shot, scenario: Scenario, device: Device, *, pulses: int, stop: Stop) -> Outcome:
    """Simulate on the coarser grid that decides where to look; no number of a plan comes from it."""
    return fire_at(shot, scenario, device, pulses=pulses, stop=stop, rule=SCOUTING)


def harmed(crater: Crater, scenario: Scenario) -> bool:
    """Say whether a wound is past a limit of its skin: depth, width, dermis left, or damage beside it."""
    depth = harm_off_centre(crater, scenario.cyst, scenario.aim_m)
    return (
        depth > min(scenario.depth_limit_m, scenario.dermis_limit_m)
        or crater.wound_width + 2.0 * scenario.aim_m > scenario.lateral_limit_m
        or collateral(crater) > scenario.collateral_limit_m
    )


def collateral(crater: Crater) -> float:
    """Return how far damage of living tissue reaches beyond the crater's edge [m]."""
    return max(0.0, 0.5 * (crater.wound_width - crater.width))


def severe(crater: Crater, scenario: Scenario) -> bool:
    """Say whether living tissue is lost deeper than the depth at which scars were measured."""
    return harm_off_centre(crater, scenario.cyst, scenario.aim_m) > scenario.severe_depth_m


def opened(crater: Crater, scenario: Scenario) -> bool:
    """Say whether the roof is gone over at least the wanted width."""
    return opening_off_centre(crater, scenario.cyst, scenario.aim_m) >= scenario.opening_goal_m


def decided(crater: Crater, scenario: Scenario, stop: Stop) -> bool:
    """Say whether a train may end after this crater."""
    if stop in (Stop.NEVER, Stop.OPENED, Stop.LOOKED) or not harmed(crater, scenario):
        return False
    return stop is Stop.HARMED or (opened(crater, scenario) and severe(crater, scenario))


def may_go_through(depths: Sequence[float], *, stronger: float = 1.0) -> bool:
    """Say whether one more pulse could reach the bottom of the tissue, by the deepest one so far.

    ``depths`` [m] are those of the crater before the first and after each pulse; the next one has
    ``stronger`` times the energy of the last.
    """
    deepest = max(after - before for before, after in pairwise(depths))
    return depths[-1] + DEEPER_WHEN_WARM * stronger * deepest > BOTTOM_M


def outcome_of(
    craters: Sequence[Crater],
    scenario: Scenario,
    pulses: int,
    *,
    through: bool = False,
    met_K: Sequence[float] | None = None,
) -> Outcome:
    """Judge the craters after each fired pulse, and repeat the last one up to ``pulses``.

    With ``through`` the pulses that were not fired count as harmful. ``met_K`` is the hottest tissue before
    each fired pulse; the undisturbed tissue's temperature where it is not given.
    """
    fired, cyst, aim = len(craters), scenario.cyst, scenario.aim_m
    last = [*range(fired), *[fired - 1] * (pulses - fired)]
    met = np.full(fired, scenario.initial_K) if met_K is None else np.asarray(met_K, dtype=float)
    heat = np.maximum.accumulate(met)[last]
    beyond = np.array([through and n >= fired for n in range(pulses)])

    def each(values: Sequence[float]) -> Array:
        return np.asarray(values, dtype=float)[last]

    opening = each([opening_off_centre(crater, cyst, aim) for crater in craters])
    lost = [harmed(crater, scenario) for crater in craters]
    harm_depth = each([harm_off_centre(crater, cyst, aim) for crater in craters])
    return Outcome(
        opening=opening,
        depth=each([crater.depth for crater in craters]),
        width=each([crater.width for crater in craters]),
        rtd_floor=each([crater.rtd_floor for crater in craters]),
        rtd_wall=each([crater.rtd_wall for crater in craters]),
        harm_depth=harm_depth,
        wound_width=each([crater.wound_width for crater in craters]),
        collateral=each([collateral(crater) for crater in craters]),
        heat_K=heat,
        opened=opening >= scenario.opening_goal_m,
        harmed=np.array(lost)[last] | beyond | (heat > scenario.heat_limit_K),
        severe=(harm_depth > scenario.severe_depth_m) | beyond,
        craters=tuple(craters[n] for n in last),
        fired=fired,
    )
