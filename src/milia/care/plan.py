"""The whole plan of one case: gate, laser, choice, safety, aftercare, follow-up, provenance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from milia.base import Interval
from milia.care.aftercare import Aftercare, aftercare, checked_start, default_healing
from milia.care.anaesthesia import lidocaine_maximum
from milia.care.cautions import cautions
from milia.care.choice import Choice, choose, laser_may_be_considered, with_laser_wound
from milia.care.clinic import Clinic
from milia.care.diagnosed import Diagnosed, looked_back
from milia.care.facts import Facts, facts_of
from milia.care.followup import Contact, follow_up
from milia.care.protocol import clinics_knowledge, with_clinic, with_clinics_limits
from milia.care.provenance import SCHEMA_VERSION, provenance
from milia.care.reasons import because, reasons
from milia.care.rules import PREDICATES
from milia.care.safety import SafetyItem, safety_sheet, test_spot_first
from milia.care.wording import certainty_sentence, headline
from milia.knowledge import Knowledge, load_knowledge
from milia.language import sentences_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from milia.planning import Case, Effort, LaserPlan

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Plan:
    """The plan of care of one case; `to_dict` is what ``milia plan --json`` prints.

    Attributes
    ----------
    case
        What was asked.
    action
        ``laser``, ``extract``, ``electrosurgery``, ``observe``, ``refer`` or ``assess_first``.
    headline, reasons, warnings
        The plan in one sentence, why, and what to keep in mind.
    laser
        The laser plan, where one was computed; also when it found no window.
    choice
        The options as judged for this patient.
    safety, aftercare, followup
        The session sheet, the patient's timetable and the visits.
    certainty
        The chances in words, where a laser setting is recommended.
    provenance
        Version, seed, evidence and sources.
    diagnosed
        The assessment of the recorded findings and the gate's answer, where the case gives findings.
    """

    case: Case
    headline: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    laser: LaserPlan | None
    choice: Choice
    safety: tuple[SafetyItem, ...]
    aftercare: Aftercare
    followup: tuple[Contact, ...]
    certainty: Mapping[str, Any] | None
    provenance: Mapping[str, Any]
    diagnosed: Diagnosed | None = None

    @property
    def action(self) -> str:
        return self.choice.action

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON-ready data with every promised key, null where the action has no laser."""
        start = self.aftercare.start
        content: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "case": self._case(),
            "action": self.action,
            "headline": self.headline,
            "reasons": list(self.reasons),
            "diagnosis": self.diagnosed.to_dict() if self.diagnosed else None,
            **self._laser(),
            "certainty": dict(self.certainty) if self.certainty else None,
            "choice": self.choice.chosen.to_dict(rank=0),
            "alternatives": [
                option.to_dict(rank=rank) for rank, option in enumerate(self.choice.others, start=1)
            ],
            "safety": [item.to_dict() for item in self.safety],
            "warnings": list(self.warnings),
            "aftercare": self.aftercare.to_dict(),
            "followup": [visit.to_dict(start) for visit in self.followup],
            "provenance": dict(self.provenance),
        }
        # what the texts above were made of, so that the plan can be read in another language
        return {**content, "said": sentences_in(content)}

    def plot(self) -> Figure:
        """Draw the cross-section and the therapeutic window; a plan without a laser says so in the figure."""
        from milia.care.figure import plan_figure

        return plan_figure(self)

    def _repr_html_(self) -> str:
        from milia.care.summary import plan_html

        return plan_html(self.to_dict())

    def _case(self) -> dict[str, Any]:
        return {
            **self.case.to_dict(),
            "device_kind": str(self.case.device.kind),
            "device_title": self.case.device.title,
            "site_title": self.case.lesion.site.title,
        }

    def _laser(self) -> dict[str, Any]:
        if self.laser is None:
            return without_laser(self.case)
        found: dict[str, Any] = self.laser.to_dict()
        found["window"]["computed"] = True
        found["window"]["best_try"] = self.laser.best_try.to_dict() if self.laser.best_try else None
        if self.action != "laser":
            return {
                **found,
                "settings": None,
                "strategy": None,
                "predicted": None,
                "p_open": None,
                "p_harm": None,
                "p_severe": None,
            }
        assert self.laser.recommended is not None
        settings, device = self.laser.recommended.dialled, self.case.device
        found["settings"] |= {
            "peak_fluence_J_cm2": settings.peak_fluence_J_cm2(device.profile, device.order),
            "power_W": settings.power_W,
            "average_power_W": settings.average_power_W,
            "repetition_Hz": settings.repetition_Hz,
        }
        return found


def plan_case(
    case: Case,
    *,
    seed: int = 0,
    start: date | None = None,
    progress: Progress | None = None,
    clinic: Clinic | None = None,
    effort: Effort | None = None,
) -> Plan:
    """Plan the care of one case.

    Parameters
    ----------
    case
        The patient, the lesion and the device.
    seed
        Seed of the draws; the same case and seed give the same plan.
    start
        Day of treatment, for calendar dates in aftercare and follow-up.
    progress
        Called with the share done (0 to 1) and what is being done.
    clinic
        The clinic whose protocol takes the place of the defaults; it lifts no contraindication.
    effort
        Simulated skins for each stage of the laser's search; the planner's own where not given.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the start is no usable date, or the weight is not plausible at this age.
    """
    knowledge = clinics_knowledge(load_knowledge(), clinic)
    behind = looked_back(case.lesion.diagnosis, file=case.file)
    facts = with_clinic(facts_of(case, knowledge=knowledge, behind=behind), clinic)
    # Refused now rather than after a minute of simulation.
    day0 = checked_start(start)
    _check_weight(case, facts, knowledge=knowledge)
    laser = None
    considered = _considered(case, clinic, behind, knowledge=knowledge)
    if considered is not None:
        from milia.planning import plan_laser

        laser = plan_laser(
            with_clinics_limits(considered, clinic), seed=seed, progress=progress, effort=effort
        )
        case = _with_device(case, laser.device)
        facts = with_clinic(facts_of(case, knowledge=knowledge, behind=behind), clinic)
    plan = _composed(case, facts, laser=laser, behind=behind, seed=seed, start=day0, known=knowledge)
    if progress is not None:
        progress(1.0, "plan ready")
    return plan


def _considered(
    case: Case, clinic: Clinic | None, behind: Diagnosed | None, *, knowledge: Knowledge
) -> Case | None:
    """Return the case with those of its devices that may be considered here, or None if none may."""
    usable = []
    for device in case.devices or (case.device,):
        alone = replace(case, device=device, devices=())
        facts = with_clinic(facts_of(alone, knowledge=knowledge, behind=behind), clinic)
        if laser_may_be_considered(facts, knowledge=knowledge):
            usable.append(device)
    if not usable:
        return None
    return replace(case, device=usable[0], devices=tuple(usable) if len(usable) > 1 else ())


def _with_device(case: Case, name: str) -> Case:
    """Return the case with the device that its laser plan is for."""
    chosen = next((one for one in case.devices if one.name == name), case.device)
    return replace(case, device=chosen)


def compose_plan(
    case: Case,
    *,
    laser: LaserPlan | None,
    seed: int = 0,
    start: date | None = None,
    knowledge: Knowledge | None = None,
    clinic: Clinic | None = None,
) -> Plan:
    """Put a plan together from a case and, where the laser may be considered, its laser plan."""
    known = clinics_knowledge(knowledge or load_knowledge(), clinic)
    behind = looked_back(case.lesion.diagnosis, file=case.file)
    facts = with_clinic(facts_of(case, knowledge=known, behind=behind), clinic)
    day0 = checked_start(start)
    return _composed(case, facts, laser=laser, behind=behind, seed=seed, start=day0, known=known)


def _composed(
    case: Case,
    facts: Facts,
    *,
    laser: LaserPlan | None,
    behind: Diagnosed | None,
    seed: int,
    start: date | None,
    known: Knowledge,
) -> Plan:
    facts = with_laser_wound(facts, laser)
    choice = choose(facts, laser=laser, knowledge=known)
    healing, basis = _healing(choice.action, laser, knowledge=known)
    planned = facts.planned(choice.action, healing_days=healing)
    planned = replace(planned, test_spot=test_spot_first(planned, knowledge=known))
    safety = safety_sheet(planned, knowledge=known)
    timetable = aftercare(planned, start=start, basis=basis, knowledge=known)
    visits = follow_up(planned, knowledge=known)
    test_lesion = planned.test_spot
    why, why_ids = reasons(case, planned, choice, laser=laser, test_lesion=test_lesion, knowledge=known)
    certainty, words_ids = _certainty(choice, laser, knowledge=known)
    evidence = (
        *why_ids,
        *(id for option in (choice.chosen, *choice.others) for id in option.evidence),
        *(id for item in safety for id in item.evidence),
        *timetable.evidence,
        *([basis] if basis in {quantity.id for quantity in known.quantities("care.healing")} else []),
        *(id for visit in visits for id in visit.evidence),
        *words_ids,
        *case.lesion.site.evidence,
        *case.device.evidence,
        *(laser.evidence if laser is not None else ()),
    )
    return Plan(
        case=case,
        headline=headline(
            choice.action,
            facts,
            laser=laser,
            because=because(choice, laser=laser),
            test_lesion=test_lesion,
            diameter_m=case.lesion.diameter.value,
        ),
        reasons=why,
        warnings=cautions(facts, choice, laser, behind),
        laser=laser,
        choice=choice,
        safety=safety,
        aftercare=timetable,
        followup=visits,
        certainty=certainty,
        provenance=provenance(
            evidence,
            seed=laser.seed if laser is not None else seed,
            scenarios=laser.scenarios if laser is not None else 0,
            parameter_sets=laser.parameter_sets if laser is not None else (),
            knowledge=known,
        ),
        diagnosed=behind,
    )


def without_laser(case: Case) -> dict[str, Any]:
    """Return the laser's keys where no laser was computed: null, empty, or known from the site."""
    site = case.lesion.site
    return {
        "settings": None,
        "strategy": None,
        "predicted": None,
        "p_open": None,
        "p_harm": None,
        "p_severe": None,
        "goals": {
            "opening_um": None if case.opening_m is None else 1e6 * case.opening_m,
            "p_open_min": None,
            "p_harm_max": None,
            "depth_limit_um": round(1e6 * site.depth_limit_m, 6),
            "lateral_limit_um": None,
            "hard_stop": site.hard_stop,
            "flags": {},
        },
        "window": {
            "exists": False,
            "computed": False,
            "points": [],
            "response": None,
            "margin": None,
            "best_try": None,
        },
        "pulses": [],
        "cross_section": None,
        "measure_next": [],
        "decisions": [],
        "pareto": [],
        "worst_scenarios": [],
        "strategies": [],
        "limits": [],
        "scenarios": None,
        "drift": [],
        "decision": None,
        "explanation": "",
        "devices": [],
    }


def _healing(
    action: str, laser: LaserPlan | None, *, knowledge: Knowledge
) -> tuple[Interval | None, str | None]:
    if action == "laser" and laser is not None and laser.predicted and "healing_days" in laser.predicted:
        return laser.predicted["healing_days"], "predicted"
    return default_healing(action, knowledge=knowledge)


def _certainty(
    choice: Choice, laser: LaserPlan | None, *, knowledge: Knowledge
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    if choice.action != "laser" or laser is None or laser.recommended is None:
        return None, ()
    chosen = laser.recommended
    words, ids = certainty_sentence(chosen, knowledge=knowledge)
    low_high = ("low", "high")
    certainty = {
        "p_open": dict(zip(low_high, chosen.p_open_range, strict=True)),
        "p_harm": dict(zip(low_high, chosen.p_harm_range, strict=True)),
        "scenarios": chosen.scenarios,
        "words": words,
        "rests_on": list(laser.rests_on),
    }
    return certainty, ids


def _check_weight(case: Case, facts: Facts, *, knowledge: Knowledge) -> None:
    infant = PREDICATES["age_below"](facts, "care.age.infant", knowledge)
    if not infant and facts.weight_kg is not None:
        lidocaine_maximum(facts.weight_kg, facts.age_days, knowledge=knowledge, file=case.file)
