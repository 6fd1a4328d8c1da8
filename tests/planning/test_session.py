"""Groups, order, pauses and limits of a session; the closed-form bound against numbers and the engine."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.integrate import quad

from milia.base import InputError
from milia.laser import Settings
from milia.planning import (
    Heat,
    Served,
    Session,
    arrange,
    groups_of,
    heat_left,
    load_session,
    session_from_mapping,
)

PATIENT = {"age": "41 year", "sex": "female", "skin_type": "II", "history": []}


def lesion(name: str, x: float, y: float, *, diameter: str = "1.0 mm", **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": name,
        "at": [f"{x} mm", f"{y} mm"],
        "site": "cheek",
        "diameter": diameter,
        "roof": "80 um",
        "diagnosis": {"condition": "milium", "confirmed": True},
    }
    return made | changes


def session(folder: Path, *lesions: dict[str, Any], **top: Any) -> Session:
    content = {"patient": PATIENT, "device": "generic-superpulse-co2", "lesions": list(lesions), **top}
    path = folder / "session.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_session(path)


def heat(left_J: float = 0.02, radius_m: float = 0.0) -> Heat:
    return Heat(
        left_J, radius_m, 3.6e6, 1.2e-7, np.array([0.5, 30.0]), np.array([0.0, 1e-9]), np.zeros((2, 2))
    )


def served(
    made: Session, *, energies: tuple[float, ...] = (), wound: float = 0.6e-3, **kind: Any
) -> list[Served]:
    groups = groups_of(made)
    return [
        Served(group, "laser", energies[n] if energies else 0.1, wound, 1.2 * wound, heat(**kind))
        for n, group in enumerate(groups)
    ]


def test_groups_share_site_roof_and_diameter_within_a_quarter(tmp_path: Path) -> None:
    made = session(
        tmp_path,
        lesion("a", 0, 0),
        lesion("b", 10, 0, diameter="1.2 mm"),
        lesion("c", 20, 0, diameter="1.4 mm"),
        lesion("d", 30, 0, site="forehead"),
        lesion("e", 40, 0, roof="100 um"),
    )
    found = groups_of(made)
    assert [group.lesions for group in found] == [("a", "b"), ("c",), ("d",), ("e",)]
    shared = found[0].case.lesion.diameter
    assert shared.value == pytest.approx(1.1e-3)
    assert shared.sd == pytest.approx(np.std([1.0e-3, 1.2e-3], ddof=1), rel=1e-2)
    assert found[1].case.lesion.diameter.sd is None
    assert all(group.case.lesion.count == 5 for group in found)


def test_the_bound_is_the_point_source_s() -> None:
    """ΔT integrates to the heat over the half-space, and its peak over time is the closed form."""
    source = heat()
    kappa_t = 1.2e-7 * 3.0

    def density(r: float) -> float:
        rise = 2 * 0.02 / 3.6e6 / (4 * math.pi * kappa_t) ** 1.5 * math.exp(-(r**2) / (4 * kappa_t))
        return 2 * math.pi * r**2 * rise * 3.6e6

    assert quad(density, 0, 20e-3)[0] == pytest.approx(0.02, rel=1e-6)
    times = np.geomspace(0.05, 400, 4000)
    peak = max(source.bound(2e-3, float(t)) for t in times)
    assert peak == pytest.approx(source.bound_ever(2e-3), rel=1e-3)
    assert source.bound_ever(source.free_distance(1.0)) == pytest.approx(1.0)


def test_heat_does_not_add_up_beyond_the_limit(tmp_path: Path) -> None:
    made = session(tmp_path, *[lesion(str(n), 1.3 * n, 0) for n in range(4)], pace="2 s")
    order = arrange(made, served(made, left_J=0.1), most=10, why_most="")
    assert len(order.steps) == 4
    source = heat(0.1)
    for step in order.steps:
        others = [one for one in order.steps if one.number < step.number]
        total = sum(source.bound(step.lesion.distance_m(one.lesion), step.at_s - one.at_s) for one in others)
        assert total == pytest.approx(step.bound_K)
        assert total <= order.limit_K
        if step.wait_s:
            sooner = sum(
                source.bound(step.lesion.distance_m(one.lesion), step.at_s - 1.0 - one.at_s) for one in others
            )
            assert sooner > order.limit_K
    assert sum(step.wait_s for step in order.steps) > 0
    far = session(tmp_path, *[lesion(str(n), 10.0 * n, 0) for n in range(4)], pace="2 s")
    assert sum(step.wait_s for step in arrange(far, served(far, left_J=0.1), most=10, why_most="").steps) == 0


def test_gentle_groups_first_nearest_next_and_no_more_than_allowed(tmp_path: Path) -> None:
    made = session(
        tmp_path,
        lesion("big", 0, 0, diameter="2 mm"),
        lesion("x", 50, 0),
        lesion("z", 90, 0),
        lesion("y", 60, 0),
    )
    order = arrange(made, served(made, energies=(0.2, 0.1)), most=3, why_most="enough")
    assert [step.lesion.name for step in order.steps] == ["x", "y", "z"]
    assert [(one.lesion.name, one.why, one.kind) for one in order.later] == [("big", "enough", "most")]


def test_wounds_that_would_merge_are_left_for_later(tmp_path: Path) -> None:
    made = session(tmp_path, lesion("a", 0, 0), lesion("b", 1.1, 0), lesion("c", 5, 0))
    order = arrange(made, served(made, wound=0.8e-3), most=10, why_most="")
    assert [step.lesion.name for step in order.steps] == ["a", "c"]
    assert order.later[0].lesion.name == "b"
    assert "0.3 mm of untouched skin" in order.later[0].why
    assert (order.later[0].kind, order.later[0].other) == ("close", "a")
    assert order.later[0].left_m == pytest.approx(0.3e-3, abs=0.05e-3)


def test_a_group_without_a_laser_plan_is_said(tmp_path: Path) -> None:
    made = session(tmp_path, lesion("a", 0, 0))
    group = groups_of(made)[0]
    order = arrange(made, [Served(group, "extract", 0.0, 0.0, 0.0, None)], most=5, why_most="")
    assert not order.steps
    assert "extract" in order.later[0].why


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"name": "a"}, "lesions[1].name"),
        ({"at": ["0.5 mm", "0 mm"]}, "lies over a"),
        ({"at": ["1 mm"]}, "two lengths"),
        ({"at": ["1", "2 mm"]}, "lesions[1].at[0]"),
        ({"at": ["400 mm", "2 mm"]}, "lesions[1].at[0]"),
        ({"site": "nowhere"}, "nowhere"),
        ({"case": "x.yaml"}, "lesions[1].site"),
        ({"colour": "white"}, "colour"),
    ],
)
def test_bad_input_is_named(tmp_path: Path, broken: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        session(tmp_path, lesion("a", 0, 0), lesion("b", 20, 0) | broken)
    assert said in str(error.value)


def test_the_engine_stays_below_the_bound(tmp_path: Path) -> None:
    made = session(tmp_path, lesion("a", 0, 0))
    settings = Settings(0.06, 250e-6, 500e-6, 1, 0.2, 1)
    found = heat_left(made.lesions[0].case, settings, seed=0)
    assert 0.0 < found.left_J < 0.06 * 6
    for distance in (0.2e-3, 1e-3, 1.5e-3, 2e-3):
        for after in (0.5, 2.0, 8.0):
            own = found.simulated(distance, after)
            assert own is not None
            assert own <= found.bound(distance, after) + 0.05
    warm = [found.simulated(0.1e-3, after) or 0.0 for after in (0.5, 2.0, 8.0)]
    assert warm[0] > warm[1] > warm[2] > 0.0


def test_a_mapping_is_read_as_a_file_and_names_no_files(tmp_path: Path) -> None:
    content = {"patient": PATIENT, "device": "generic-superpulse-co2", "lesions": [lesion("a", 0, 0)]}
    [found], [read] = (
        made.lesions
        for made in (session_from_mapping(content, file="x"), session(tmp_path, lesion("a", 0, 0)))
    )
    assert (found.name, found.case.lesion, found.case.device) == (
        read.name,
        read.case.lesion,
        read.case.device,
    )
    with pytest.raises(InputError, match="this is not a file name"):
        session_from_mapping(
            {**content, "lesions": [{"name": "a", "at": ["0 mm", "0 mm"], "case": "own.yaml"}]}, file="x"
        )
