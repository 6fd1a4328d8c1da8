"""Outcomes: what is counted, what is not, the intervals, and the curve against the plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from milia.records import Diagnosis, Lesion, Outcome, Patient, Plan, Treatment
from milia.web.rooms.outcomes_count import OPEN_EDGES, bins_of, merged, share_of, treated_of

PLAN = {
    "settings": {
        "pulse_energy_mJ": 20.0,
        "pulse_duration_us": 333.333,
        "spot_diameter_um": 300.0,
        "pulses": 3,
    },
    "p_open": 0.9,
    "p_harm": 0.04,
}
FIRED = {
    "action": "laser",
    "pulse_energy_mJ": 20.0,
    "pulse_duration_us": 333.3,
    "spot_diameter_um": 300.0,
    "pulses_fired": 3,
}


def treated(record: dict[str, Any], **fired: Any) -> Any:
    return treated_of(site="cheek", record=record, fired={**FIRED, **fired}, plan=PLAN, device="d")


def test_intervals_are_those_of_the_table() -> None:
    """Jeffreys: the quantiles of Beta(3.5, 7.5) for 3 of 10; none and all touch the ends."""
    found = share_of([True] * 3 + [False] * 7 + [None] * 5)
    assert (found.seen, found.of) == (3, 10)
    from scipy.stats import beta

    assert found.low == pytest.approx(beta(3.5, 7.5).ppf(0.05))
    assert found.high == pytest.approx(beta(3.5, 7.5).ppf(0.95))
    assert share_of([False] * 4).low == 0.0
    assert share_of([True] * 4).high == 1.0
    assert share_of([None]).share is None


def test_what_nobody_looked_at_does_not_count() -> None:
    found = treated({"opened": "not_seen", "mark_week_12": "not_seen", "healed_day": None})
    assert (found.opened, found.healed, found.mark, found.recurred) == (None, None, None, None)
    found = treated({"opened": "yes", "mark_week_12": "none", "healed_day": 6})
    assert (found.opened, found.healed, found.mark, found.recurred) == (True, True, False, False)
    found = treated(
        {"opened": "no", "open_on_day": 12, "mark_week_12": "atrophic_scar", "recurrence_week": 20}
    )
    assert (found.opened, found.healed, found.mark, found.recurred) == (False, False, True, True)


def test_several_looks_join_and_the_newest_counts_where_it_says_something() -> None:
    looks = [{"opened": "not_seen", "mark_week_12": "none"}, {"opened": "yes", "mark_week_12": "redness"}]
    assert merged(looks) == {"opened": "yes", "mark_week_12": "none"}


@pytest.mark.parametrize(
    ("record", "fired", "came"),
    [
        ({"opened": "yes"}, {}, True),
        ({"opened": "yes", "opened_in_pulses": 2}, {"pulses_fired": 2}, True),
        ({"opened": "yes", "opened_in_pulses": 5}, {"pulses_fired": 5}, False),
        ({"opened": "no"}, {}, False),
        ({"opened": "no"}, {"pulses_fired": 1}, None),
        ({"opened": "not_seen"}, {}, None),
        ({"opened": "yes"}, {"pulse_energy_mJ": 30.0}, None),
        ({"opened": "yes"}, {"spot_diameter_um": None}, None),
    ],
)
def test_a_forecast_is_compared_only_where_it_was_fired(record: Any, fired: Any, came: bool | None) -> None:
    assert treated(record, **fired).opened_as_planned is came


def test_bins_hold_every_pair_once_and_leave_empty_ones_out() -> None:
    pairs = [(0.0, False), (0.2, True), (0.95, True), (1.0, False), (None, True), (0.5, None)]
    found = bins_of(pairs, OPEN_EDGES)
    assert [(each.low, each.seen.seen, each.seen.of) for each in found] == [
        (0.0, 0, 1),
        (0.2, 1, 1),
        (0.8, 1, 2),
    ]
    assert found[2].predicted == pytest.approx(0.975)


def test_the_page_and_its_json_count_what_is_in_the_records(
    clinic: Any, browser_of: Callable[[str], Any]
) -> None:
    nurse = browser_of("nurse")
    assert "Nothing was seen after a treatment yet" in nurse.get("/outcomes").text
    with clinic.records.acting(clinic.ids["doctor"]) as acting:
        patient = acting.add(Patient(name="Amber Example")).id
        for site, opened in (("cheek", "yes"), ("cheek", "no"), ("nose", "yes")):
            lesion = acting.add(Lesion(patient_id=patient, site=site)).id
            known = acting.add(Diagnosis(patient_id=patient, lesion_id=lesion, condition="milium"))
            acting.sign(Diagnosis, known.id, version=1)
            plan = {"plan": {**PLAN, "case": {"device": "room-2"}}, "device": "room-2"}
            row = acting.add(Plan(patient_id=patient, lesion_id=lesion, plan_id="p", plan=plan)).id
            whose = {"patient_id": patient, "lesion_id": lesion}
            done = Treatment(**whose, plan_row_id=row, treated_on="2026-03-01", **FIRED)
            treatment = acting.add(done).id
            for seen_on, record in (
                ("2026-03-01", {"opened": opened}),
                ("2026-06-01", {"mark_week_12": "none"}),
            ):
                acting.add(Outcome(**whose, treatment_id=treatment, seen_on=seen_on, record=record))
    found = nurse.get("/api/v1/outcomes").json()
    assert found["treated"] == 3
    assert (found["first_day"], found["last_day"]) == ("2026-03-01", "2026-06-01")
    assert [(each["name"], each["opened"]["seen"], each["opened"]["of"]) for each in found["groups"]] == [
        ("cheek", 1, 2),
        ("nose", 1, 1),
    ]
    assert found["all"]["mark"]["seen"] == 0
    (only,) = found["opened_against_predicted"]
    assert (only["predicted"], only["seen"]["seen"], only["seen"]["of"]) == (0.9, 2, 3)
    assert nurse.get("/api/v1/outcomes", params={"by": "device"}).json()["groups"][0]["name"] == "room-2"
    assert nurse.get("/api/v1/outcomes", params={"by": "age"}).status_code == 422
    page = nurse.get("/outcomes", params={"by": "setting"}).text
    assert "20 mJ · 333.3 µs · 300 µm × 3" in page
    assert "<strong>67 %</strong>" in page
    assert browser_of("front_desk").get("/api/v1/outcomes").status_code == 403
    assert browser_of("administrator").get("/api/v1/outcomes").json()["type"] == "reason_needed"
