"""The tables of the report, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from validation.ablation.results import Spread, Verdict, goals, in_unit, not_simulated

from milia.calibration.draws import Marginal
from milia.calibration.experiments import exposure
from milia.calibration.measurements import Measurement, read_studies
from milia.calibration.posterior import Draws
from milia.knowledge import load_knowledge

UNIT_WORDS = {"um": "µm", "kJ/cm^3": "kJ/cm³", "degC": "°C", "1": "", "um*cm^2/J": "µm per J/cm²"}
NAMES = {
    "depth": "depth",
    "width": "width",
    "total_depth": "depth with damage",
    "rtd_floor": "thermal damage",
    "heat_of_ablation": "heat of ablation",
    "depth_over_epidermis": "depth over epidermis",
    "depth_per_fluence": "depth per fluence",
    "peak_temperature": "peak temperature",
}


def number(value: float) -> str:
    """Return three digits, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def measured(row: Measurement) -> str:
    """Say what was measured, with its unit."""
    unit = UNIT_WORDS[row.unit]
    if row.relation == "between":
        assert row.low is not None
        assert row.high is not None
        text = f"{number(in_unit(row, row.low))} to {number(in_unit(row, row.high))}"
    else:
        assert row.value is not None
        sign = {"equals": "", "at_least": "≥ ", "at_most": "≤ "}[row.relation]
        text = f"{sign}{number(in_unit(row, row.value))}"
    return f"{text} {unit}".strip()


def what(row: Measurement) -> str:
    """Name what was measured, and at which setting."""
    ratio = " ratio" if row.reference is not None else ""
    stated = dict(row.settings)
    at = []
    if "pulse_energy" in stated:
        at.append(f"{1e3 * stated['pulse_energy']:g} mJ")
    if "fluence" in stated:
        at.append(f"{1e-4 * stated['fluence']:g} J/cm²")
    if "spot_diameter" in stated and stated["spot_diameter"] < 2e-3:
        at.append(f"{1e6 * stated['spot_diameter']:g} µm")
    return f"{NAMES[row.observable]}{ratio}" + (f", {', '.join(at)}" if at else "")


def interval(s: Spread) -> str:
    """Return median and interval."""
    return f"{number(s.middle)} ({number(s.low)} to {number(s.high)})"


def _error(v: Verdict) -> str:
    if v.point:
        return f"{100 * v.error:.0f} %"
    return "inside" if v.error == 0.0 else f"{100 * v.error:.0f} % outside"


def _yes(so: bool) -> str:
    return "yes" if so else "**no**"


def _peer(row: Measurement) -> str:
    if row.peer is None:
        return ""
    assert row.value is not None
    return f"{number(in_unit(row, row.peer))} ({100 * abs(row.peer / row.value - 1.0):.0f} %)"


def left_out_table(judged: Sequence[Verdict]) -> list[str]:
    """Every fitted row, predicted by a posterior that never saw its study."""
    lines = [
        "| row | what | measured | prior | its study left out | error | covered | widened | covered | peer |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    current = ""
    for v in judged:
        if v.row.study != current:
            current = v.row.study
            lines.append(f"| | **{read_studies()[current].title}** | | | | | | | | |")
        lines.append(
            f"| {v.row.row} | {what(v.row)} | {measured(v.row)} | {interval(v.prior)} "
            f"| {interval(v.left_out)} | {_error(v)} | {_yes(v.covered)} "
            f"| {number(v.widened.low)} to {number(v.widened.high)} | {_yes(v.covered_widened)} "
            f"| {_peer(v.row)} |"
        )
    return lines


def goal_table(told: Mapping[str, Any]) -> list[str]:
    """The goals and whether they are reached."""
    lines = ["| goal | found | reached |", "|---|---|---|"]
    lines += [f"| {goal} | {found} | {'yes' if ok else '**no**'} |" for goal, found, ok in goals(told)]
    return lines


def study_table(told: Mapping[str, Any], judged: Sequence[Verdict]) -> list[str]:
    """Error and coverage of each study."""
    lines = ["| study left out | rows | covered | covered, widened | median error of depths |"]
    lines.append("|---|---|---|---|---|")
    for name in dict.fromkeys(v.row.study for v in judged):
        own = [v for v in judged if v.row.study == name]
        error = told["median_depth_error_by_study_percent"].get(name)
        lines.append(
            f"| {read_studies()[name].title} | {len(own)} | {sum(v.covered for v in own)} | "
            f"{sum(v.covered_widened for v in own)} | "
            f"{'' if error is None else f'{error:.0f} %'} |"
        )
    return lines


def shown_table(judged: Sequence[Verdict]) -> list[str]:
    """Rows that are simulated beside the measurement and not fitted, with the reason."""
    lines = [
        "| row | study | what | measured | predicted | agrees | why it is not fitted |",
        "|---|---|---|---|---|---|---|",
    ]
    for v in judged:
        agrees = ("yes" if v.covered else "no") if v.point else f"in {100 * v.met:.0f} % of draws"
        lines.append(
            f"| {v.row.row} | {read_studies()[v.row.study].title} | {what(v.row)} | {measured(v.row)} | "
            f"{interval(v.all)} | {agrees} | {v.row.reason} |"
        )
    return lines


def needed_table(needed: Sequence[tuple[Measurement, float]]) -> list[str]:
    """What each left-out depth asks for: the factor on the energy that would meet it, beside its regime."""
    lines = [
        "| row | study | irradiance, kW/cm² | depth over spot | factor on the energy that would meet it |",
        "|---|---|---|---|---|",
    ]
    for row, factor in needed:
        about = read_studies()[row.study]
        centre = {m.name: m.centre for m in about.conditions} | {"energy": 1.0}
        made = exposure(about, row.settings, centre)
        irradiance = made.beam.mean_fluence(made.train.pulse_energy_J) / made.train.pulse_duration_s / 1e7
        aspect = ""
        if row.observable != "heat_of_ablation" and row.value is not None:
            aspect = f"{row.value / made.beam.spot_diameter_m:.1f}"
        lines.append(f"| {row.row} | {about.title} | {number(irradiance)} | {aspect} | {factor:.2f} |")
    return lines


def unused_table() -> list[str]:
    """Rows that cannot be simulated, with the reason."""
    known = load_knowledge()
    lines = ["| row | source | why it is not simulated |", "|---|---|---|"]
    for row in not_simulated():
        source = known.source(row.source).citation if row.source else "secondary report"
        lines.append(f"| {row.row} | {source} | {row.reason} |")
    return lines


def parameter_table(priors: Sequence[Marginal], draws: Draws) -> list[str]:
    """Prior and posterior of every calibrated number."""
    import numpy as np

    lines = ["| parameter | before: median (90 %) | after: median (90 %) |", "|---|---|---|"]
    for marginal in priors:
        if marginal.name == "cell_death":
            continue
        low, middle, high = (float(v) for v in marginal.quantile(np.array([0.05, 0.5, 0.95])))
        after = np.quantile(draws.column(marginal.name), (0.05, 0.5, 0.95))
        lines.append(
            f"| {marginal.name} | {middle:.3g} ({low:.3g} to {high:.3g}) | "
            f"{after[1]:.3g} ({after[0]:.3g} to {after[2]:.3g}) |"
        )
    return lines


EJECTION_BINS = (0.0, 3e12, 1e13, 3e13, 1e14, 3e14, float("inf"))  # W/m³


def ejection_table(found: Mapping[str, Sequence[float]], marginal: Marginal) -> list[str]:
    """Posterior over prior of the heating from which tissue is thrown out, by fold: the weight of evidence.

    For nested models that is the factor by which the rows favour a value over the prior's average (Dickey
    1971); the last column is all but no ejection.
    """
    import numpy as np

    u = (np.arange(20000) + 0.5) / 20000
    prior, _ = np.histogram(marginal.quantile(u), EJECTION_BINS)
    heads = [f"{low:.0e} to {high:.0e}" for low, high in pairwise(EJECTION_BINS)]
    heads = [f"below {EJECTION_BINS[1]:.0e}", *heads[1:-1], f"above {EJECTION_BINS[-2]:.0e}"]
    lines = [f"| studies fitted | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    for name, values in found.items():
        own, _ = np.histogram(values, EJECTION_BINS)
        ratios = (own / len(values)) / (prior / len(u))
        lines.append(f"| {name} | {' | '.join(f'{r:.2g}' for r in ratios)} |")
    return lines
