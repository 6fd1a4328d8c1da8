"""Fire a setting at simulated skins and record, pulse by pulse, what opened and what was harmed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from milia.engine import PLANNING, QUICK, Accuracy, Crater, Exposure, GridRule, march, start
from milia.laser import Device, PulseTrain
from milia.planning.scenarios import Scenario

Array = NDArray[np.float64]

# Half the rows and a third of the time of the planning grid. Over 32 skins of the lower eyelid its
# openings are 3 µm wider and its counts of opened and harmed skins the same, within one.
SCOUTING = GridRule(cells_per_radius=12, fine_z=5e-6, coarse_z=14e-6, growth=1.3)
# below this there is no cyst left to open, and a further pulse may leave the simulated domain
DEEP_ENOUGH_M = 1.5e-3


@dataclass(frozen=True, order=True)
class Shot:
    """A setting without its number of pulses: one simulation tells all numbers up to the last."""

    spot_diameter_m: float
    pulse_energy_J: float
    pulse_duration_s: float
    interval_s: float


class Stop(StrEnum):
    """When a train of pulses need not go on."""

    HARMED = "harmed"  # living tissue is lost past its limit: what comes later cannot be recommended
    DECIDED = "decided"  # harmed and opened: no further pulse can change either
    NEVER = "never"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one scenario's tissue looks like after each pulse; arrays [pulses], SI.

    Only the first ``fired`` pulses were simulated; the rows after them repeat the last one.
    """

    opening: Array
    depth: Array
    width: Array
    rtd_floor: Array
    rtd_wall: Array
    harm_depth: Array
    wound_width: Array
    opened: NDArray[np.bool_]
    harmed: NDArray[np.bool_]
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
    rule: GridRule = PLANNING,
    accuracy: Accuracy = QUICK,
) -> Outcome:
    """Simulate up to ``pulses`` pulses of a shot at one scenario, ending early as ``stop`` allows."""
    beam = device.beam(shot.spot_diameter_m, focus_offset_m=scenario.focus_m)
    train = PulseTrain(
        pulse_energy_J=shot.pulse_energy_J * scenario.delivered,
        pulse_duration_s=shot.pulse_duration_s,
        pulses=pulses,
        interval_s=shot.interval_s,
    )
    exposure = Exposure(scenario.tissue, beam, train, scenario.initial_K, scenario.water_scale)

    def enough(crater: Crater) -> bool:
        return crater.depth > DEEP_ENOUGH_M or decided(crater, scenario, stop)

    run = march(
        start(exposure, scenario.parameters, rule=rule),
        beam,
        train,
        scenario.parameters,
        accuracy=accuracy,
        enough=enough,
    )
    return outcome_of(run.craters, scenario, pulses)


def scout_at(shot: Shot, scenario: Scenario, device: Device, *, pulses: int, stop: Stop) -> Outcome:
    """Simulate on the coarser grid that decides where to look; no number of a plan comes from it."""
    return fire_at(shot, scenario, device, pulses=pulses, stop=stop, rule=SCOUTING)


def harmed(crater: Crater, scenario: Scenario) -> bool:
    """Say whether ablation plus thermal damage of living tissue is past the depth or width it may reach."""
    return crater.harm_depth > scenario.depth_limit_m or crater.wound_width > scenario.lateral_limit_m


def opened(crater: Crater, scenario: Scenario) -> bool:
    """Say whether the roof is gone over at least the wanted width."""
    return crater.opening(scenario.cyst) >= scenario.opening_goal_m


def decided(crater: Crater, scenario: Scenario, stop: Stop) -> bool:
    """Say whether a train may end after this crater."""
    if stop is Stop.NEVER or not harmed(crater, scenario):
        return False
    return stop is Stop.HARMED or opened(crater, scenario)


def outcome_of(craters: tuple[Crater, ...], scenario: Scenario, pulses: int) -> Outcome:
    """Judge the craters after each fired pulse, and repeat the last one up to ``pulses``."""
    rows = [*craters, *[craters[-1]] * (pulses - len(craters))]
    return Outcome(
        opening=np.array([crater.opening(scenario.cyst) for crater in rows]),
        depth=np.array([crater.depth for crater in rows]),
        width=np.array([crater.width for crater in rows]),
        rtd_floor=np.array([crater.rtd_floor for crater in rows]),
        rtd_wall=np.array([crater.rtd_wall for crater in rows]),
        harm_depth=np.array([crater.harm_depth for crater in rows]),
        wound_width=np.array([crater.wound_width for crater in rows]),
        opened=np.array([opened(crater, scenario) for crater in rows]),
        harmed=np.array([harmed(crater, scenario) for crater in rows]),
        craters=tuple(rows),
        fired=len(craters),
    )
