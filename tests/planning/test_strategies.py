"""Strategies, drift, devices and ways to decide in a plan, against answers known in closed form."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from milia.planning import (
    Evaluator,
    Outcome,
    Scenario,
    Shot,
    decided,
    goals_for,
    make_scenarios,
    outcome_of,
    plan_laser,
)
from milia.planning.decision import MODES, Decision, Weights, chooser, figures, loss_table
from milia.planning.drift import Likeness, reach
from milia.planning.look import Look, the_look
from milia.planning.strategy import Policy, count_policy

from .conftest import SURE, CaseMaker, Drill

COUNT = 512
SAG = 0.5e-3 - (0.5e-3**2 - 0.15e-3**2) ** 0.5
LIMIT = stats.norm(0.331 * 800e-6, 0.331 * 80e-6)
LOGNORMAL = stats.lognorm(0.35, scale=90e-6)


def shot(energy_mJ: float) -> Shot:
    return Shot(0.5e-3, 1e-3 * energy_mJ, 1e-5 * energy_mJ, 0.3)


def lognormal_roofs(make_case: CaseMaker, fire: Any, *, pulses: int = 3, count: int = COUNT) -> Evaluator:
    """Skins whose roof is lognormal, independent of the limit: each drawn roof's rank keeps its place."""
    case = make_case()
    goals = goals_for(case)
    drawn = make_scenarios(case, goals, count=count, seed=0)
    order = np.argsort(np.argsort(drawn.inputs["roof"]))
    roofs = LOGNORMAL.ppf((order + 0.5) / count)
    skins = [
        dataclasses.replace(skin, cyst=dataclasses.replace(skin.cyst, roof_m=float(roof)))
        for skin, roof in zip(drawn.items, roofs, strict=True)
    ]
    return Evaluator(case.device, skins, goals, pulses, fire=fire)


@pytest.mark.parametrize("energy_mJ", [25.0, 35.0, 50.0])
def test_chances_of_a_lognormal_roof(make_case: CaseMaker, drill: Drill, energy_mJ: float) -> None:
    found = lognormal_roofs(make_case, drill)
    found.ensure([shot(energy_mJ)], COUNT)
    for pulses in (1, 2, 3):
        depth = drill.depth(1e-3 * energy_mJ, pulses)
        one = found.candidate(shot(energy_mJ), pulses)
        assert one.p_open == pytest.approx(LOGNORMAL.cdf(depth - SAG), abs=2 / COUNT)
        assert one.p_harm == pytest.approx(LIMIT.cdf(depth), abs=3 / COUNT)


def policy_by_hand(depth: float, most: int, look: Look) -> tuple[float, float, float]:
    """Return p_open, p_harm and mean pulses of a stepwise policy over a lognormal roof and a normal limit."""
    first = np.diff([0.0, *(LOGNORMAL.cdf(n * depth - SAG) for n in range(1, most + 1)), 1.0])
    p_open = p_harm = mean = 0.0
    for at, share in enumerate(first):
        going = 1.0
        for n in range(most):
            seen = 1.0 - look.misses_open if n >= at else look.misses_closed
            stop = going if n == most - 1 else going * seen
            going -= stop
            p_open += share * stop * (n >= at)
            p_harm += share * stop * LIMIT.cdf((n + 1) * depth)
            mean += share * stop * (n + 1)
    return p_open, p_harm, mean


@pytest.mark.parametrize("energy_mJ", [20.0, 30.0, 40.0])
def test_a_policy_over_a_lognormal_roof(make_case: CaseMaker, drill: Drill, energy_mJ: float) -> None:
    look, _ = the_look()
    found = lognormal_roofs(make_case, drill)
    found.ensure([shot(energy_mJ)], COUNT)
    result = count_policy(Policy(shot(energy_mJ), 3), found, found.goals, look)
    expected = policy_by_hand(drill.depth(1e-3 * energy_mJ, 1), 3, look)
    assert (result.p_open, result.p_harm, result.mean_pulses) == pytest.approx(expected, abs=0.006)


def test_equal_strategies_are_called_equal_and_one_go_stays(make_case: CaseMaker, drill: Drill) -> None:
    """A thin even roof: one pulse opens all and harms none, and a look has nothing to add."""
    made = plan_laser(make_case(roof="60 um ± 2 um"), fire=drill)
    assert made.recommended is not None
    assert made.strategy is not None
    assert (made.recommended.strategy, made.strategy["name"]) == ("one_go", "one_go")
    rows = {row["name"]: row for row in made.strategies}
    assert list(rows) == ["one_go", "one_pulse_and_look", "stepwise", "titrated"]
    assert [name for name, row in rows.items() if row["best"]] == ["one_go"]
    assert "Not told apart from one go in" in rows["one_pulse_and_look"]["words"]


def test_the_tails_mean_loss_is_the_integral_over_the_tail(make_case: CaseMaker, drill: Drill) -> None:
    """Loss of an open cyst is harm · (depth/limit − 1) where positive: its tail lies at thin skins."""
    case = make_case(roof="30 um ± 1 um")
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=1024, seed=0).items
    found = Evaluator(case.device, skins, goals, 1, fire=drill)
    found.ensure([shot(60.0)], 1024)
    cost = Weights(harm=4.0, severe=0.0, wound=0.0, tail=0.25, evidence=())
    table, share = loss_table([found.candidate(shot(60.0), 1)], found, cost)

    def loss(q: float) -> float:
        return 4.0 * max(0.0, 240e-6 / float(LIMIT.ppf(q)) - 1.0)

    tail = integrate.quad(loss, 1e-6, 0.25, points=[float(LIMIT.cdf(240e-6))])[0] / 0.25
    mean = integrate.quad(loss, 1e-6, 0.5, points=[float(LIMIT.cdf(240e-6))])[0]
    assert figures(table, share, cost)[Decision.TAIL][0] == pytest.approx(tail, rel=0.02)
    assert figures(table, share, cost)[Decision.EXPECTED][0] == pytest.approx(mean, rel=0.03)


def test_regret_skin_by_skin(make_case: CaseMaker, drill: Drill) -> None:
    """Against a deeper shot a shallow one regrets the thickest roof, the deeper one the thinnest skin."""
    found = lognormal_roofs(make_case, drill, pulses=1)
    shots = [shot(30.0), shot(60.0)]
    found.ensure(shots, COUNT)
    cost = Weights(harm=4.0, severe=0.0, wound=0.0, tail=0.25, evidence=())
    table, share = loss_table([found.candidate(one, 1) for one in shots], found, cost)

    def by_hand(depth: float, skin: Scenario) -> float:
        # the stand-in's floor is flat: the opening is where the cyst's top lies above it
        above = depth - skin.cyst.roof_m
        opening = 2.0 * math.sqrt(max(0.0, 0.5e-3**2 - (0.5e-3 - max(above, 0.0)) ** 2))
        short = max(0.0, 1.0 - min(opening, 0.5e-3) / 0.3e-3)
        return short + 4.0 * min(max(0.0, depth / skin.depth_limit_m - 1.0), 1.0)

    hand = np.array([[by_hand(depth, skin) for skin in found.scenarios] for depth in (120e-6, 240e-6)])
    regret = (hand - hand.min(axis=0)).max(axis=1)
    assert figures(table, share, cost)[Decision.REGRET] == pytest.approx(regret, abs=0.03)


@pytest.mark.parametrize("mode", list(MODES))
def test_every_way_to_decide_keeps_to_the_window(make_case: CaseMaker, drill: Drill, mode: str) -> None:
    made = plan_laser(make_case(goal={"opening": "0.3 mm", "decide": mode}), fire=drill)
    assert made.recommended is not None
    assert made.recommended.inside
    assert made.recommended.scenarios == 256
    assert (made.decision["mode"], made.decision["set_by"]) == (mode, "case")
    assert made.explanation


def test_ways_to_decide_choose_their_own_least(make_case: CaseMaker, drill: Drill) -> None:
    found = lognormal_roofs(make_case, drill, pulses=1)
    shots = [shot(energy) for energy in range(25, 70, 5)]
    found.ensure(shots, COUNT)
    candidates = found.candidates(shots)
    cost = Weights(harm=4.0, severe=10.0, wound=0.2, tail=0.1, evidence=())
    inside = [one for one in candidates if one.inside]
    table, share = loss_table(inside, found, cost)
    for decision, values in figures(table, share, cost).items():
        choose = chooser(decision, found, found.goals, cost)
        chosen = choose(candidates, None)
        assert chosen is not None
        assert values[inside.index(chosen)] == pytest.approx(values.min(), abs=1e-8)
        assert choose(candidates, inside[-1:]) == inside[-1]
        assert choose([one for one in candidates if not one.inside], None) is None


@dataclass
class Fluence(Drill):
    """Depth follows energy over area, with the root of the duration's inverse, whatever the interval."""

    def __call__(self, shot: Shot, scenario: Scenario, device: Any, *, pulses: int, stop: Any) -> Outcome:
        assert device.name == "sure"
        reach = 4e-3 * shot.pulse_energy_J * (0.5e-3 / shot.spot_diameter_m) ** 2
        reach *= math.sqrt(1e-2 * shot.pulse_energy_J / shot.pulse_duration_s)
        self.asked.append((shot, id(scenario)))
        craters = []
        for number in range(1, pulses + 1):
            craters.append(self.crater(number * reach, 0.5e-3))
            if decided(craters[-1], scenario, stop):
                break
        return outcome_of(craters, scenario, pulses)


def test_drift_follows_the_law_of_the_depth(make_case: CaseMaker) -> None:
    """With depth ∝ energy / spot², a wider spot counts as less energy by the power 2."""
    made = plan_laser(make_case(), fire=Fluence())
    rows = {row["setting"]: row for row in made.drift}
    assert list(rows) == ["pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um"]
    assert made.margin is not None
    assert rows["pulse_energy_mJ"]["up_percent"] == made.margin["up_percent"]
    # the window by depth: 128.5 µm open 80 %, 230.8 µm harm 10 %
    low = (stats.norm(90e-6, 20e-6).ppf(0.8) + SAG) / 180e-6
    high = LIMIT.ppf(0.1) / 180e-6
    spot = rows["spot_diameter_um"]
    assert spot["like_energy"] == pytest.approx(-2.0, rel=0.1)
    assert spot["down_percent"] == pytest.approx(100 * (1 - high**-0.5), abs=2.0)
    assert spot["up_percent"] == pytest.approx(100 * (low**-0.5 - 1), abs=2.5)
    assert rows["pulse_duration_us"]["like_energy"] == pytest.approx(-0.5, rel=0.1)


def test_reach_by_hand() -> None:
    assert reach(Likeness(1.0, 1.0), 0.8, 1.25) == pytest.approx((0.8, 1.25))
    assert reach(Likeness(-2.0, -2.0), 0.81, 1.21) == pytest.approx((1 / 1.1, 1 / 0.9))
    assert reach(Likeness(0.0, 0.0), 0.8, 1.25) == (None, None)
    assert reach(Likeness(0.5, 0.0), 0.8, 1.25) == (pytest.approx(0.64), None)
    assert reach(Likeness(1.0, 1.0), 1.0, 1.0) == (1.0, 1.0)


def test_drift_costs_few_shots(make_case: CaseMaker, drill: Drill) -> None:
    made = plan_laser(make_case(), fire=drill)
    assert made.recommended is not None
    # two settings, a step down and up, at twelve skins
    assert made.statistics["simulations"] + made.statistics["scouting"] == len(drill.asked)
    beside = [one for one, _ in drill.asked if abs(one.spot_diameter_m / 0.5e-3 - 1.0) > 1e-9]
    assert len(beside) == 2 * 12


def test_the_device_with_the_window_is_chosen_and_all_are_listed(make_case: CaseMaker, drill: Drill) -> None:
    """The narrow spot cannot open 0.3 mm with a stand-in whose crater is as wide as the spot."""
    narrow = {**SURE, "name": "narrow", "title": "narrow laser", "spot_diameters": ["0.25 mm"]}
    told: list[tuple[float, str]] = []
    case = make_case(device=[narrow, SURE])
    made = plan_laser(case, fire=drill, progress=lambda share, word: told.append((share, word)))
    assert made.device == "sure"
    assert [(row["device"], row["window"], row["chosen"]) for row in made.devices] == [
        ("narrow", False, False),
        ("sure", True, True),
    ]
    alone = plan_laser(make_case(), fire=drill)
    assert made.recommended == alone.recommended
    assert alone.devices == ()
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_the_paragraph_is_made_of_the_plans_numbers(make_case: CaseMaker, drill: Drill) -> None:
    made = plan_laser(make_case(), fire=drill)
    inside = sum(point.inside for point in made.points)
    assert (
        f"Of {len(made.points)} settings of the laser without doubts, {inside} lie inside" in made.explanation
    )
    assert "one pulse of 45 mJ in 450 µs through a 0.5 mm spot is chosen" in made.explanation
    assert "the pulse energy 22 % down or 22 % up" in made.explanation
    lost = plan_laser(make_case(roof="200 um ± 20 um"), fire=drill)
    assert "none lies inside the window" in lost.explanation
    assert lost.drift == ()
