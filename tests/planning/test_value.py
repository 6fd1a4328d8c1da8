"""What an input is worth, and which skins cost most, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from milia.planning import Evaluator, Shot, goals_for, make_scenarios
from milia.planning.decision import weights
from milia.planning.scenarios import Scenarios
from milia.planning.value import Line, line_of, worth_knowing
from milia.planning.worst import worst_scenarios

from .conftest import CaseMaker, Drill

ENERGIES = range(20, 100, 5)


def shot(energy_mJ: float) -> Shot:
    return Shot(0.5e-3, 1e-3 * energy_mJ, 1e-5 * energy_mJ, 0.3)


def counted(make_case: CaseMaker, drill: Drill, **changes: str) -> tuple[Evaluator, Scenarios]:
    case = make_case(**changes)
    goals = goals_for(case)
    skins = make_scenarios(case, goals, count=256, seed=0)
    found = Evaluator(case.device, skins.items, goals, pulses=1, fire=drill)
    found.ensure([shot(energy) for energy in ENERGIES], 256)
    return found, skins


def test_knowing_the_roof_widens_the_window_and_knowing_the_temperature_does_not(
    make_case: CaseMaker, drill: Drill
) -> None:
    found, skins = counted(make_case, drill, roof="150 um ± 50 um")
    line = line_of([shot(energy) for energy in ENERGIES], 1, found)
    roof = worth_knowing("roof", line, skins, found.goals)
    # the strongest energy within the limit opens most roofs, known or not; a known thin one needs less
    assert roof.gain_p_open < 0.04
    assert roof.gain_window_mJ > 4.0
    for name in ("temperature", "water_scale", "decomposition_heat"):
        other = worth_knowing(name, line, skins, found.goals)
        assert other.gain_p_open < 0.01
        assert other.gain_window_mJ < 0.15 * max(other.window_now_mJ, 10.0)


def test_the_limit_counts_too(make_case: CaseMaker, drill: Drill) -> None:
    found, skins = counted(make_case, drill, roof="120 um ± 10 um", total="600 um ± 120 um")
    line = line_of([shot(energy) for energy in ENERGIES], 1, found)
    total = worth_knowing("total", line, skins, found.goals)
    assert total.gain_window_mJ > 2.0
    assert total.gain_window_mJ > worth_knowing("temperature", line, skins, found.goals).gain_window_mJ


def test_the_width_is_the_span_of_energies_inside(make_case: CaseMaker, drill: Drill) -> None:
    found, skins = counted(make_case, drill)
    opened = np.zeros((4, 256))
    opened[1:3] = 1.0
    line = Line(np.array([10.0, 20.0, 30.0, 50.0]), opened, np.zeros((4, 256)), np.zeros((4, 256)))
    worth = worth_knowing("roof", line, skins, found.goals)
    assert worth.window_now_mJ == pytest.approx(25.0)
    assert worth.window_known_mJ == pytest.approx(25.0)
    assert (worth.p_open_now, worth.p_open_known) == pytest.approx((1.0, 1.0))


def test_the_worst_skins_are_those_with_the_thickest_roofs(make_case: CaseMaker, drill: Drill) -> None:
    found, skins = counted(make_case, drill)
    best = found.candidate(shot(35), 1)
    assert best.p_open < 1.0
    rows = worst_scenarios(best, skins, found, weights())
    assert rows
    assert [row["loss"] for row in rows] == sorted((row["loss"] for row in rows), reverse=True)
    assert all(not row["opened"] or row["harmed"] for row in rows)
    roofs = skins.inputs["roof"]
    numbers = [int(row["name"].split()[-1]) - 1 for row in rows]
    assert min(roofs[numbers]) > np.quantile(roofs, 0.9)
    assert all(any("high roof thickness" in word for word in row["apart"]) for row in rows)


def test_a_setting_that_fails_nowhere_has_no_worst_skins(make_case: CaseMaker, drill: Drill) -> None:
    found, skins = counted(make_case, drill, roof="60 um ± 5 um")
    best = found.candidate(shot(40), 1)
    assert (best.p_open, best.p_harm) == (1.0, 0.0)
    assert worst_scenarios(best, skins, found, weights()) == ()
