"""Virtual patients: who they are, what the clinic reads of them, and what is true of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError, Measured
from milia.calibration import Marginal, from_uncertain
from milia.knowledge import load_knowledge
from milia.laser import Device
from milia.planning import Case, Diagnosis, Lesion, Patient, Scenario, goals_for, make_scenarios
from milia.skin import CYST_DIAMETER_m, CYST_ROOF_m, site
from milia.study.spec import Study

Array = NDArray[np.float64]
# streams of one patient's random numbers: what is drawn of one does not move the others
PERSON, HAND, BODY, EYE = range(4)
TRIES = 200


@dataclass(frozen=True)
class Person:
    """One virtual patient with one milium, SI: the truth, and the two readings that the clinic plans by."""

    number: int
    site: str
    device: str
    skin_type: str
    sex: str
    age_years: float
    diameter_m: float
    roof_m: float
    total_m: float
    roof_read_m: float
    diameter_read_m: float


@dataclass(frozen=True, order=True)
class Group:
    """Patients who get one plan, as a clinic's card has it: site, device, and classes of both readings."""

    site: str
    device: str
    roof_m: float
    diameter_m: float

    @property
    def name(self) -> str:
        """A name for files and tables."""
        return f"{self.site}.{self.device}.roof-{1e6 * self.roof_m:.0f}um.cyst-{1e6 * self.diameter_m:.0f}um"


@dataclass(frozen=True)
class Hand:
    """One session's operator and laser: factor on the energy, offset of the beam [m], depth of focus [m]."""

    energy: float
    offset_m: float
    focus_m: float


@dataclass(frozen=True)
class Truth:
    """One patient's simulated skin, the operator of every session, and the eye's luck at every look.

    ``looks`` are uniform numbers [sessions, pulses]: whoever plans what, the same look goes the same way.
    """

    person: Person
    scenario: Scenario
    device: Device
    hands: tuple[Hand, ...]
    looks: Array


def stream(study: Study, number: int, which: int) -> np.random.Generator:
    """Return one of a patient's streams of random numbers, whatever chunk the patient is in."""
    return np.random.default_rng(np.random.SeedSequence((study.seed, number, which)))


def person(study: Study, number: int) -> Person:
    """Draw one patient; where roof and embedded cyst do not fit the skin, these three are drawn again.

    Returns
    -------
    Person
        The same for the same study and number.
    """
    rng = stream(study, number, PERSON)
    where = site(study.sites.at(rng.random()))
    laser = study.devices.at(rng.random())
    skin_type, sex = study.skin_types.at(rng.random()), study.sexes.at(rng.random())
    age = _at(study.age_years, rng)
    share = load_knowledge().quantity("lesion.cyst.embedded_share_least").si
    roofs = study.roof or from_uncertain("roof", where.roof_m)
    totals = from_uncertain("total", where.total_m)
    for _ in range(TRIES):
        diameter, roof, total = (_at(one, rng) for one in (study.diameter, roofs, totals))
        if roof + share * diameter <= total:
            break
    else:
        raise InputError(
            f"hardly any cyst of these fits the skin of this site ({where.title})",
            key="cohort",
            value=where.name,
            accepted="smaller cysts, thinner roofs, or other sites",
        )
    return Person(
        number=number,
        site=where.name,
        device=laser,
        skin_type=skin_type,
        sex=sex,
        age_years=age,
        diameter_m=diameter,
        roof_m=roof,
        total_m=total,
        roof_read_m=roof + _at(study.operator.roof_reading, rng),
        diameter_read_m=diameter + _at(study.operator.diameter_reading, rng),
    )


def _at(marginal: Marginal, rng: np.random.Generator) -> float:
    return float(marginal.quantile(np.array([rng.random()]))[0])


def group_of(study: Study, who: Person) -> Group:
    """Return the group whose plan a patient gets: the nearest class of each reading that is believable."""
    roofs = study.roof or from_uncertain("roof", site(who.site).roof_m)
    return Group(
        site=who.site,
        device=who.device,
        roof_m=_class(who.roof_read_m, study.roof_step_m, roofs, CYST_ROOF_m),
        diameter_m=_class(who.diameter_read_m, study.diameter_step_m, study.diameter, CYST_DIAMETER_m),
    )


def _class(reading: float, step: float, believed: Marginal, possible: tuple[float, float]) -> float:
    """Return the nearest multiple of ``step``; readings beyond what is believed count as its ends."""
    low, high = believed.band
    found = step * round(min(max(reading, low), high) / step)
    return round(min(max(found, possible[0]), possible[1]), 9)


def case_of_group(study: Study, group: Group) -> Case:
    """Return the case that a group is planned as: the middle of its classes, with what reading leaves open.

    The standard deviation is that of the reading error and of the width of the class together.
    """
    return _case(
        study,
        group.site,
        group.device,
        roof=Measured(group.roof_m, _left_open(study.operator.roof_reading, study.roof_step_m)),
        diameter=Measured(
            group.diameter_m, _left_open(study.operator.diameter_reading, study.diameter_step_m)
        ),
        total=None,
    )


def _left_open(error: Marginal, step: float) -> float:
    values = error.quantile((np.arange(512) + 0.5) / 512)
    return float(np.sqrt(np.var(values) + step**2 / 12.0))


def _case(
    study: Study, where: str, laser: str, *, roof: Measured, diameter: Measured, total: Measured | None
) -> Case:
    # nothing of who is treated enters a laser plan so far; the care around it is not part of a study
    return Case(
        patient=Patient(age_years=45.0, sex="female", skin_type="III"),
        lesion=Lesion(
            site=site(where),
            diameter=diameter,
            roof=roof,
            count=1,
            diagnosis=Diagnosis(condition="milium", confirmed=True),
        ),
        skin_total=total,
        device=study.laser(laser),
        opening_m=study.opening_m,
        file=study.name,
    )


def truth(study: Study, who: Person, *, looks: int) -> Truth:
    """Return what is true of a patient: skin and physics drawn as the planner believes them, then fixed.

    What a session draws anew (dial, aim, focus, pulse energy) is drawn for every session; what the clinic's
    laser delivers on average is the patient's for all of them.
    """
    case = _case(
        study,
        who.site,
        who.device,
        roof=Measured(who.roof_m),
        diameter=Measured(who.diameter_m),
        total=Measured(who.total_m),
    )
    seed = int(stream(study, who.number, BODY).integers(2**31 - 1))
    drawn = make_scenarios(case, goals_for(case), count=1, seed=seed)
    laser = case.device
    rng = stream(study, who.number, HAND)
    focus = from_uncertain("focus", laser.focus_offset)
    hands = []
    for _ in range(study.sessions):
        spread = min(max(laser.energy_spread.value * float(rng.standard_normal()), -0.5), 0.5)
        aim = study.operator.aim_m * np.hypot(rng.standard_normal(), rng.standard_normal())
        hands.append(
            Hand(
                energy=float(drawn.inputs["delivered"][0] * (1.0 + spread) * _at(study.operator.energy, rng)),
                offset_m=float(aim),
                focus_m=_at(focus, rng),
            )
        )
    return Truth(
        person=who,
        scenario=drawn.items[0],
        device=laser,
        hands=tuple(hands),
        looks=stream(study, who.number, EYE).random((study.sessions, looks)),
    )


def in_session(known: Truth, session: int) -> Scenario:
    """Return the patient's skin under one session's hand."""
    hand = known.hands[session]
    return replace(known.scenario, delivered=hand.energy, focus_m=hand.focus_m, aim_m=hand.offset_m)
