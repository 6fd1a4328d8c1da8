"""What a slider is told, beside what the engine counts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from milia.engine import run_all
from milia.laser import device
from milia.planning import Case, Shot, Stop, case_from_mapping, fire_at
from milia.planning.live import OutsideRangeError, Prepared, answer, prepare, screen
from milia.planning.live.inputs import COLUMN, coordinates, skins_of
from milia.planning.live.verdicts import Limits, raw_outputs, shares, verdicts_of
from milia.planning.search import shots_for

SKINS = 64


def test_estimates_lie_within_their_bound_of_the_engine(ready: Prepared) -> None:
    skins = ready.scenarios.items[:SKINS]
    rows = skins_of(skins)
    for shot in (Shot(0.5e-3, 0.03, 0.03 / 240, 0.2), Shot(0.4e-3, 0.1, 0.1 / 240, 0.2)):
        few = replace(ready, skins=rows, limits=Limits.of(skins, [1.0 / SKINS] * SKINS))
        asked, _ = few.rows(shot)
        outputs = raw_outputs(few.surrogate, coordinates(asked), 2)
        found = shares(verdicts_of(outputs, asked, few.limits, few.surrogate), few.limits.weight)
        fired = run_all(
            lambda skin, shot=shot: fire_at(shot, skin, ready.case.device, pulses=2, stop=Stop.NEVER), skins
        )
        for pulse in range(2):
            for column, name in enumerate(("opened", "harmed", "severe")):
                counted = np.mean([getattr(row, name)[pulse] for row in fired])
                # bound of 95 %, and one skin on the edge
                assert abs(found[pulse, column] - counted) < 0.1


def test_more_energy_and_more_pulses_open_and_harm_more(ready: Prepared) -> None:
    line = [answer(ready, Shot(0.5e-3, e, e / 240, 0.2), 3) for e in (0.012, 0.03, 0.075, 0.15, 0.25)]
    for less, more in pairwise(line):
        assert more.p_open > less.p_open
        assert more.p_harm >= less.p_harm - 0.02
        assert more.predicted["crater_depth_um"].p50 > less.predicted["crater_depth_um"].p50
    for row in line:
        for less_, more_ in pairwise(row.pulses):
            assert more_["p_open"] >= less_["p_open"]
            assert more_["p_harm"] >= less_["p_harm"]


def test_an_answer_is_whole_and_the_same_twice(eyelid: Case, ready: Prepared, shot: Shot) -> None:
    made = answer(ready, shot, 2)
    assert made.estimate
    assert made.to_dict() == answer(prepare(eyelid), shot, 2).to_dict()
    assert made.error["p_open"] == ready.surrogate.errors["p_open"]
    low, high = made.ranges["p_open"]
    assert low < made.p_open < high
    assert high - low > 2 * made.error["p_open"]
    assert made.pulses[-1]["p_open"] == made.p_open
    section = made.cross_section
    assert len(section["r_um"]) == len(section["crater_um"]) == len(section["damage_um"])
    assert section["crater_low_um"][0] <= section["crater_um"][0] <= section["crater_high_um"][0]
    # the crater on the axis is the predicted depth, by two networks
    assert section["crater_um"][0] == pytest.approx(made.predicted["crater_depth_um"].p50, rel=0.1)
    assert "surrogate" in made.notes[0]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"spot_diameter_m": 2e-3}, "spot"),
        ({"pulse_duration_s": 0.1}, "duration"),
        ({"interval_s": 2.0}, "interval"),
        ({"pulse_energy_J": 5.0}, "fluence"),
        ({"looked": True}, "looked"),
    ],
)
def test_what_was_not_trained_is_refused_by_name(
    ready: Prepared, shot: Shot, change: dict[str, Any], key: str
) -> None:
    with pytest.raises(OutsideRangeError) as caught:
        answer(ready, replace(shot, **change), engine=False)
    assert caught.value.key == key
    assert caught.value.accepted


def test_too_many_pulses_are_refused(ready: Prepared, shot: Shot) -> None:
    with pytest.raises(OutsideRangeError, match="1 to 5"):
        answer(ready, shot, 6, engine=False)


def test_where_the_surrogate_refuses_the_engine_counts(
    ready: Prepared, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("milia.planning.live.answers.ENGINE_SKINS", 8)
    made = answer(ready, replace(shot, spot_diameter_m=2e-3))
    assert not made.estimate
    assert made.scenarios == 8
    assert made.notes[0].startswith("spot: ")
    assert made.error == {"p_open": 0.0, "p_harm": 0.0, "p_severe": 0.0}
    assert made.p_open == round(made.p_open * 8) / 8
    assert made.cross_section["r_um"]


def test_other_lasers_are_refused(eyelid: Case) -> None:
    erbium = prepare(replace(eyelid, device=device("generic-er-yag")))
    assert isinstance(erbium.refused, OutsideRangeError)
    assert erbium.refused.key == "device.wavelength"
    flat = prepare(
        replace(eyelid, device=replace(eyelid.device, profile=type(eyelid.device.profile)("top_hat")))
    )
    assert isinstance(flat.refused, OutsideRangeError)
    assert flat.refused.key == "device.profile"


def test_a_cyst_beyond_the_range_is_refused() -> None:
    case = case_from_mapping(
        {
            "patient": {"age": "34 year", "sex": "female", "skin_type": "II", "history": []},
            "lesion": {
                "site": "cheek",
                "diameter": "2.8 mm",
                "count": 1,
                "diagnosis": {"condition": "milium", "confirmed": True},
            },
            "device": "generic-superpulse-co2",
        },
        file="case.yaml",
    )
    made = prepare(case)
    assert isinstance(made.refused, OutsideRangeError)
    assert made.refused.key == "diameter"
    assert made.refused.value == "2800 µm"


def test_skins_outside_the_range_are_left_out_and_said(eyelid: Case, ready: Prepared, shot: Shot) -> None:
    items = list(ready.scenarios.items)
    items[3] = replace(items[3], aim_m=0.9e-3)
    made = prepare(eyelid, scenarios=replace(ready.scenarios, items=tuple(items)), goals=ready.goals)
    assert made.left_out == ready.left_out + 1
    assert made.limits.weight.sum() == pytest.approx(1.0)
    assert any("left out" in note for note in answer(made, shot).notes)


def test_named_scenarios_count_with_their_weight(eyelid: Case, ready: Prepared, shot: Shot) -> None:
    # a skin that nothing opens: its roof is as thick as the range allows, and it has a third of the weight
    thick = ready.scenarios.items[0]
    cyst = replace(thick.cyst, roof_m=0.39e-3)
    named = replace(
        thick,
        cyst=cyst,
        tissue=replace(thick.tissue, cyst=cyst),
        opening_goal_m=0.9e-3,
        name="thick",
        weight=1 / 3,
    )
    made = prepare(eyelid, scenarios=replace(ready.scenarios, named=(named,)), goals=ready.goals)
    assert answer(made, shot).p_open == pytest.approx(2 / 3 * answer(ready, shot).p_open, abs=1e-3)


def test_screening_says_what_answers_say(ready: Prepared) -> None:
    line = shots_for(ready.case.device, 0.5e-3)
    found = screen(ready, [*line, replace(line[0], spot_diameter_m=1.5e-3)], 3)
    assert found.shots == line
    assert [shot.spot_diameter_m for shot in found.refused] == [1.5e-3]
    assert len(found.candidates()) == 3 * len(line)
    for candidate in found.candidates()[:: len(line)]:
        settings = candidate.settings
        one = answer(
            ready,
            Shot(
                settings.spot_diameter_m,
                settings.pulse_energy_J,
                settings.pulse_duration_s,
                settings.interval_s,
            ),
            settings.pulses,
        )
        assert candidate.p_open == pytest.approx(one.p_open, abs=1e-4)
        assert candidate.p_harm == pytest.approx(one.p_harm, abs=1e-4)
        assert candidate.inside == one.inside


def test_rows_hold_what_the_scenario_holds(ready: Prepared, shot: Shot) -> None:
    rows, moved = ready.rows(shot)
    skin = ready.scenarios.items[0]
    assert moved < 0.15
    assert rows[0, COLUMN["roof"]] == skin.cyst.roof_m
    assert rows[0, COLUMN["total"]] == pytest.approx(skin.total_m)
    assert rows[0, COLUMN["epidermis"]] == pytest.approx(skin.epidermis_m)
    assert rows[0, COLUMN["energy"]] == pytest.approx(0.1 * skin.delivered * skin.energy_scale)
    assert rows[0, COLUMN["boil_end"]] == skin.parameters.boil_end
