"""What treated lesions say: in how many pulses their roofs opened, when they closed, what mark was left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from milia.base import Interval, MiliaError
from milia.calibration.beliefs import parameters_from
from milia.calibration.clinic.bench import Beliefs
from milia.calibration.clinic.doubts import Aside
from milia.calibration.clinic.fit import Share
from milia.calibration.clinic.treated import TreatedLesion
from milia.calibration.draws import Z_90, Marginal, draw, from_quantity, from_uncertain, measured, sobol
from milia.calibration.likelihood import scatter_scales
from milia.calibration.sets import parameter_set
from milia.engine import PLANNING, QUICK, Crater, Exposure, march, run_all, start
from milia.knowledge import load_knowledge
from milia.laser import Device, PulseTrain
from milia.skin import Cyst, CYST_DIAMETER_m, CYST_ROOF_m, tissue_at

Array = NDArray[np.float64]

MARKS = ("dark", "pale", "raised", "sunken", "red")
REACH = 1.6  # in ln ε either side of what the shots say
EPIDERMIS_OF_TOTAL = 0.6
TOTAL_SHARE = (0.6, 1.6)
SLOPE_BELIEF = (4.0, 3.0)  # of the log-odds of opening with ln(energy): weak, keeps a fit finite
FACTORS = np.linspace(-1.2, 1.2, 241)
TAIL = 0.05


@dataclass(frozen=True, eq=False)
class Healing:
    """A clinic's healing days over the predicted ones: median and 90 %, from so many lesions."""

    factor: Interval
    lesions: int


@dataclass(frozen=True)
class Marks:
    """Marks seen at week 12: how many of how many, 90 % interval of the share, and the planned p_harm."""

    seen: int
    of: int
    low: float
    high: float
    planned: float | None
    kinds: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class OutcomeFindings:
    """What outcomes say. ``log_likelihood`` is that of the openings at each sample of ln ε given."""

    lesions: int
    openings: int
    share: Interval | None
    joined: bool
    why_not: str
    healing: Healing | None
    marks: Marks | None
    aside: tuple[Aside, ...] = ()
    log_likelihood: Array = field(default_factory=lambda: np.zeros(0))


def learn_from(
    lesions: Sequence[TreatedLesion],
    device: Device,
    log_effective: Array,
    beliefs: Beliefs,
    *,
    count: int,
    seed: int,
    progress: Share | None = None,
) -> OutcomeFindings:
    """Return what lesions say, and how likely they are at each ln ε of a chain [n].

    The chance of an opening is simulated over the lesion's skin and the parameter set at energies all over
    the reach, and made smooth by a logistic curve in ln ε for each number of pulses. Skin and parameters are
    averaged over, not learnt. Where shots and outcomes contradict each other they are not joined.
    """
    told = [one for one in lesions if one.opened != "not_seen"]
    kinds = {one.kind: one for one in told}
    curves: dict[tuple[object, ...], Array] = {}
    zero = float(np.median(log_effective))
    for number, (kind, one) in enumerate(kinds.items()):
        most = max(other.settings.pulses for other in told if other.kind == kind)
        curves[kind] = opening_curves(one, device, zero, pulses=most, count=count, seed=seed + number)
        if progress:
            progress((number + 1) / len(kinds))
    centre, sd = beliefs.log_effective
    grid = np.linspace(zero - REACH, zero + REACH, 321)
    share, joined, why = None, bool(told), "" if told else "nobody saw whether a roof opened"
    likelihood = np.zeros(len(log_effective))
    if told:
        on_grid = opening_log_likelihood(told, curves, grid - zero)
        own = _normalised(on_grid - 0.5 * ((grid - centre) / sd) ** 2)
        share = _interval(np.exp(grid), own)
        likelihood = opening_log_likelihood(told, curves, log_effective - zero)
        apart = _apart(grid, own, log_effective)
        most_apart = load_knowledge().quantity("calibration.clinic.outcome_conflict").si
        if apart > most_apart:
            joined = False
            why = (
                f"outcomes by themselves say {share.p50:.2f} ({share.p05:.2f} to {share.p95:.2f}) of the "
                f"displayed energy, the shots {math.exp(float(np.median(log_effective))):.2f}: "
                f"{apart:.1f} standard deviations apart"
            )
    return OutcomeFindings(
        lesions=len(lesions),
        openings=len(told),
        share=share,
        joined=joined,
        why_not=why,
        healing=healing_of(lesions),
        marks=marks_of(lesions),
        log_likelihood=likelihood,
    )


def _apart(grid: Array, own: Array, samples: Array) -> float:
    mean = float(grid @ own)
    sd = math.sqrt(max(float((grid - mean) ** 2 @ own), 1e-9))
    return abs(mean - float(samples.mean())) / math.hypot(sd, float(samples.std()))


def opening_curves(
    lesion: TreatedLesion, device: Device, zero: float, *, pulses: int, count: int, seed: int
) -> Array:
    """Return the log-odds of an opening by each pulse over ln ε − ``zero``: intercept, slope [pulses, 2]."""
    first, away = first_openings(lesion, device, zero, pulses=pulses, count=count, seed=seed)
    return np.array([logistic(away, first <= n) for n in range(1, pulses + 1)])


def first_openings(
    lesion: TreatedLesion, device: Device, zero: float, *, pulses: int, count: int, seed: int
) -> tuple[NDArray[np.int64], Array]:
    """Fire a lesion's setting at ``count`` simulated skins; return the pulse that opened and ln ε − ``zero``.

    A roof that stayed closed has the pulse after the last.
    """
    known = parameter_set(device.wavelength_m)
    skin = _skin(lesion, device)
    points = sobol(count, len(skin) + len(known.marginals) + 2, seed=seed)
    middle = slice(len(skin), len(skin) + len(known.marginals))
    points[:, middle] = known.correlated(points[:, middle])
    drawn = draw((*skin, *known.marginals), points[:, :-2])
    away = (2.0 * points[:, -1] - 1.0) * REACH
    from scipy.special import ndtri

    shot = scatter_scales()[1] * ndtri(points[:, -2])

    def work(number: int) -> int:
        share = math.exp(float(zero + away[number] + shot[number]))
        return _opened_at(lesion, device, drawn[number], share, pulses)

    return np.array(run_all(work, range(count))), away


def _skin(lesion: TreatedLesion, device: Device) -> tuple[Marginal, ...]:
    known, site = load_knowledge(), lesion.site
    roof, total = lesion.roof, lesion.total
    return (
        measured("roof", roof.value, roof.sd, low=CYST_ROOF_m[0], high=CYST_ROOF_m[1])
        if roof
        else from_uncertain("roof", site.roof_m),
        measured(
            "diameter",
            lesion.diameter.value,
            lesion.diameter.sd,
            low=CYST_DIAMETER_m[0],
            high=CYST_DIAMETER_m[1],
        ),
        measured(
            "total",
            total.value,
            total.sd,
            low=TOTAL_SHARE[0] * total.value,
            high=TOTAL_SHARE[1] * total.value,
        )
        if total
        else from_uncertain("total", site.total_m),
        from_uncertain("epidermis", site.epidermis_m),
        from_uncertain("stratum_corneum", site.stratum_corneum_m),
        from_quantity("water_scale", known.quantity("planning.water.scale")),
        from_uncertain("focus", device.focus_offset),
        from_quantity("temperature", known.quantity("environment.skin.surface_temperature")),
    )


def _opened_at(
    lesion: TreatedLesion, device: Device, values: Mapping[str, float], share: float, pulses: int
) -> int:
    epidermis = min(values["epidermis"], EPIDERMIS_OF_TOTAL * values["total"])
    cyst = Cyst(diameter_m=values["diameter"], roof_m=values["roof"])
    tissue = tissue_at(
        lesion.site, stratum_corneum_m=min(values["stratum_corneum"], 0.8 * epidermis), epidermis_m=epidermis,
        total_m=values["total"], cyst=cyst,
    )  # fmt: skip
    parameters = parameters_from(values, device.wavelength_m)
    dialled = lesion.settings
    beam = device.beam(dialled.spot_diameter_m, focus_offset_m=values["focus"])
    train = PulseTrain(
        pulse_energy_J=dialled.pulse_energy_J * share, pulse_duration_s=dialled.pulse_duration_s,
        pulses=pulses, interval_s=dialled.interval_s,
    )  # fmt: skip
    made = Exposure(tissue, beam, train, values["temperature"], values["water_scale"])
    goal = min(lesion.opening_m, 0.95 * cyst.diameter_m)
    done: list[bool] = []

    def opened(crater: Crater) -> bool:
        done.append(crater.opening(cyst) >= goal)
        return done[-1]

    try:
        march(start(made, parameters, rule=PLANNING), beam, train, parameters, accuracy=QUICK, enough=opened)
    except MiliaError:
        return len(done) + 1  # through the bottom of the skin: the roof went with this pulse
    return len(done) if done[-1] else pulses + 1


def logistic(x: Array, hit: NDArray[np.bool_]) -> Array:
    """Return intercept and slope of the log-odds of ``hit`` over x, with a weak belief in the slope."""
    y = hit.astype(float)
    mean, sd = SLOPE_BELIEF
    at = np.array([0.0, mean])
    design = np.column_stack([np.ones_like(x), x])
    belief = np.diag([1.0 / 100.0, 1.0 / sd**2])
    for _ in range(60):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ at, -30.0, 30.0)))
        gradient = design.T @ (y - chance) - belief @ (at - np.array([0.0, mean]))
        curvature = (design * (chance * (1.0 - chance))[:, None]).T @ design + belief
        step = np.linalg.solve(curvature, gradient)
        at = at + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return at


def opening_log_likelihood(
    lesions: Sequence[TreatedLesion], curves: Mapping[tuple[object, ...], Array], away: Array
) -> Array:
    """Return ln p(openings as recorded | ln ε) at each ln ε − zero [n], lesions independent."""
    total = np.zeros(len(away))
    for lesion in lesions:
        at = curves[lesion.kind]
        odds = at[:, 0][:, None] + at[:, 1][:, None] * away[None, :]
        by = np.maximum.accumulate(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))), axis=0)
        if lesion.opened == "no":
            chance = 1.0 - by[lesion.settings.pulses - 1]
        else:
            assert lesion.opened_in is not None
            n = lesion.opened_in
            chance = by[n - 1] - (by[n - 2] if n > 1 else 0.0)
        total = total + np.log(np.maximum(chance, 1e-4))
    return total


def _normalised(log_density: Array) -> Array:
    weight = np.exp(log_density - log_density.max())
    return np.asarray(weight / weight.sum())


def _interval(values: Array, weight: Array) -> Interval:
    below = np.cumsum(weight)
    low, middle, high = (float(np.interp(q, below, values)) for q in (0.05, 0.5, 0.95))
    return Interval(low, middle, high)


def healing_of(lesions: Sequence[TreatedLesion]) -> Healing | None:
    """Return the clinic's factor on predicted healing days, from when wounds were seen open and closed.

    A closure lies between two days; predicted days and scatter from lesion to lesion are lognormal.
    """
    from scipy.special import ndtr

    known = load_knowledge()
    scale = known.quantity("calibration.clinic.healing_scatter").si
    own = known.quantity("calibration.clinic.healing_lesion").si
    told = [
        one
        for one in lesions
        if one.predicted_days is not None and (one.healed_day is not None or one.open_on_day is not None)
    ]
    if not told:
        return None
    total = -0.5 * (FACTORS / scale) ** 2
    for one in told:
        days = one.predicted_days
        assert days is not None
        spread = math.log(max(days.p95, 1.0) / max(days.p05, 0.5)) / (2.0 * Z_90)
        sd = math.hypot(max(spread, 0.0), own)
        middle = math.log(max(days.p50, 0.5)) + FACTORS
        after = math.log(max(one.open_on_day, 0.5)) if one.open_on_day is not None else -math.inf
        before = math.log(max(one.healed_day, 0.5)) if one.healed_day is not None else math.inf
        chance = ndtr((before - middle) / sd) - ndtr((after - middle) / sd)
        total = total + np.log(np.maximum(chance, 1e-9))
    return Healing(_interval(np.exp(FACTORS), _normalised(total)), len(told))


def marks_of(lesions: Sequence[TreatedLesion]) -> Marks | None:
    """Return how many lesions had a mark at week 12, with the 90 % interval of the share (Jeffreys)."""
    from scipy.special import betaincinv

    told = [one for one in lesions if one.mark != "not_seen"]
    if not told:
        return None
    seen, of = sum(one.mark != "none" for one in told), len(told)
    a, b = seen + 0.5, of - seen + 0.5
    planned = [one.p_harm for one in told if one.p_harm is not None]
    return Marks(
        seen=seen,
        of=of,
        low=0.0 if seen == 0 else float(betaincinv(a, b, TAIL)),
        high=1.0 if seen == of else float(betaincinv(a, b, 1.0 - TAIL)),
        planned=float(np.mean(planned)) if planned else None,
        kinds=tuple((kind, n) for kind in MARKS if (n := sum(one.mark == kind for one in told))),
    )
