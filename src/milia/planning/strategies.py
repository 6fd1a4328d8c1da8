"""The strategies of one plan side by side: all in one go, one pulse and look, stepwise, titrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from milia.language import Told, joined, told
from milia.planning.evaluate import Evaluator, shot_of
from milia.planning.find import Found
from milia.planning.goals import Goals
from milia.planning.look import the_look
from milia.planning.search import rank
from milia.planning.types import Candidate

TITLES: Mapping[str, str] = {
    "one_go": told("all in one go"),
    "one_pulse_and_look": told("one pulse and look"),
    "stepwise": told("one at a time, looking after each"),
    "titrated": told("one at a time, each a step higher, looking after each"),
}
# differences below two standard errors are not told apart
TOLD_APART = 2.0


def strategies(one_go: Found, looked: Found | None, winner: Found, goals: Goals) -> list[Mapping[str, Any]]:
    """Return the best counted of each strategy, compared skin by skin with the setting in one go."""
    found: dict[str, tuple[Candidate, Evaluator]] = {"one_go": (one_go.best, one_go.evaluator)}
    for kind in (one_go, looked):
        for candidate in kind.evaluator.candidates(kind.counted) if kind else ():
            single = candidate.settings.pulses == 1
            name = "one_pulse_and_look" if single else candidate.strategy
            if name != "one_go":
                assert kind is not None
                held = found.get(name)
                if held is None or rank(candidate, goals) < rank(held[0], goals):
                    found[name] = (candidate, kind.evaluator)
    found[winner.best.strategy] = (winner.best, winner.evaluator)
    best = found["one_go"]
    rows: list[Mapping[str, Any]] = []
    for name in (name for name in TITLES if name in found):
        candidate, evaluator = found[name]
        against = None if name == "one_go" else _against(candidate, evaluator, *best)
        rows.append(_row(name, candidate, evaluator, against) | {"best": name == winner.best.strategy})
    return rows


def strategy_of(best: Candidate, evaluator: Evaluator) -> Mapping[str, Any]:
    """Return what is done with the recommended setting: its pulses in order, and when to stop."""
    shot, most = shot_of(best), best.settings.pulses
    pulses = [shot.pulse(number) for number in range(most)]
    look, _ = the_look()
    return {
        "name": best.strategy,
        "title": TITLES[best.strategy],
        "most_pulses": most,
        "step": best.step,
        "mean_pulses": round(mean_pulses(best, evaluator), 2),
        "pulses": [
            {
                "pulse": number,
                "pulse_energy_mJ": round(1e3 * energy, 6),
                "pulse_duration_us": round(1e6 * duration, 6),
            }
            for number, (energy, duration) in enumerate(pulses, start=1)
        ],
        "look": {"misses_open": look.misses_open, "misses_closed": round(look.misses_closed, 6)}
        if best.looked
        else None,
        "words": instruction(best),
    }


def instruction(best: Candidate) -> Told:
    """Say what to do, pulse by pulse: ``"Fire one pulse of 10 mJ, wipe, look …"``."""
    shot, most = shot_of(best), best.settings.pulses
    first = f"{1e3 * shot.pulse_energy_J:g} mJ"
    if not best.looked and most == 1:
        return told("Fire one pulse of {energy}, no look between.", energy=first)
    if not best.looked:
        return told("Fire {count} pulses of {energy}, no look between.", count=str(most), energy=first)
    if most == 1:
        return _single(best)
    if not best.step:
        return told(
            "Fire one pulse of {energy}, let it cool, wipe, look and press. While the roof is closed fire "
            "the same again; stop as soon as it is open, at the latest after {count} pulses.",
            energy=first,
            count=str(most),
        )
    energies = [1e3 * shot.pulse(number)[0] for number in range(1, most)]
    return told(
        "Fire one pulse of {energy}, let it cool, wipe, look and press. While the roof is closed fire the "
        "next, a step higher each time ({energies} mJ); stop as soon as it is open, at the latest after "
        "{count} pulses.",
        energy=first,
        energies=", ".join(f"{energy:g}" for energy in energies),
        count=str(most),
    )


def mean_pulses(candidate: Candidate, evaluator: Evaluator) -> float:
    """Return how many pulses are fired on average."""
    most = candidate.settings.pulses
    if not candidate.looked:
        return float(most)
    rows = evaluator.weighted(shot_of(candidate))
    return float(sum(min(row.fired, most) * share for row, _, share in rows))


def _row(
    name: str, candidate: Candidate, evaluator: Evaluator, against: Mapping[str, Any] | None
) -> dict[str, Any]:
    made, most = candidate.to_dict(), candidate.settings.pulses
    shot = shot_of(candidate)
    mean = mean_pulses(candidate, evaluator)
    widths = [row.wound_width[most - 1] for row in evaluator.outcomes(shot)]
    words = instruction(candidate) if name != "one_pulse_and_look" else _single(candidate)
    row: dict[str, Any] = {
        "name": name,
        "title": TITLES[name],
        **{key: made[key] for key in ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um")},
        "most_pulses": most,
        "pulse_energies_mJ": [round(1e3 * shot.pulse(number)[0], 6) for number in range(most)],
        **{key: round(made[key], 4) for key in ("p_open", "p_harm", "p_severe")},
        "p_open_range": [round(end, 4) for end in candidate.p_open_range],
        "p_harm_range": [round(end, 4) for end in candidate.p_harm_range],
        "mean_pulses": round(mean, 3),
        "looks": 0.0 if name == "one_go" else round(mean, 3),
        "wound_width_um": round(1e6 * float(np.median(widths)), 1),
        "scenarios": candidate.scenarios,
        "inside": candidate.inside,
    }
    if against is None:
        return row | {"words": words}
    said = joined("{one} {other}", [words, _difference(against)])
    return row | {"against_one_go": dict(against), "words": said}


def _single(candidate: Candidate) -> Told:
    return told(
        "Fire one pulse of {energy}, then look; what is still closed is extracted or comes again.",
        energy=f"{1e3 * candidate.settings.pulse_energy_J:g} mJ",
    )


def _against(
    candidate: Candidate, evaluator: Evaluator, best: Candidate, counted: Evaluator
) -> Mapping[str, Any]:
    """Compare with the one-go setting in the skins that both were fired at, pair by pair."""
    shot, other = shot_of(candidate), shot_of(best)
    shared = min(evaluator.counts[shot], counted.counts[other])
    there, here = evaluator.weighted(shot, shared), counted.weighted(other, shared)
    share = np.array([part for _, _, part in here])

    def gain(name: str) -> tuple[float, float]:
        looked = np.array([float(getattr(row, name)[candidate.settings.pulses - 1]) for row, _, _ in there])
        at_once = np.array([float(getattr(row, name)[best.settings.pulses - 1]) for row, _, _ in here])
        mean = float(share @ (looked - at_once))
        return mean, float(np.sqrt(share**2 @ (looked - at_once - mean) ** 2))

    (opens, opens_se), (harms, harms_se) = gain("opened"), gain("harmed")
    return {
        "gain_p_open": round(opens, 4),
        "gain_p_open_se": round(opens_se, 4),
        "less_p_harm": round(-harms, 4),
        "less_p_harm_se": round(harms_se, 4),
        "scenarios": shared,
    }


def _difference(against: Mapping[str, Any]) -> Told:
    """Say what a strategy gains over one go, and where the skins cannot tell the two apart."""
    opens, harms = against["gain_p_open"], -against["less_p_harm"]
    said = []
    if _told_apart(opens, against["gain_p_open_se"]):
        more = f"{100 * abs(opens):.0f}"
        said.append(
            told("opens {more} of 100 more", more=more)
            if opens > 0
            else told("opens {more} of 100 fewer", more=more)
        )
    if _told_apart(harms, against["less_p_harm_se"]):
        more = f"{100 * abs(harms):.0f}"
        said.append(
            told("harms {more} of 100 more", more=more)
            if harms > 0
            else told("harms {more} of 100 fewer", more=more)
        )
    if not said:
        return told("Not told apart from one go in {skins} skins.", skins=str(against["scenarios"]))
    return told("Against one go it {difference}.", difference=joined("{one} and {other}", said))


def _told_apart(value: float, error: float) -> bool:
    return abs(value) > max(TOLD_APART * error, 0.005)


def energies_in_words(energies_mJ: Sequence[float]) -> str:
    """Say a series of energies: ``"8 × 20 mJ"`` or ``"10, 15, 20 mJ"``."""
    if len(set(energies_mJ)) == 1:
        return f"{len(energies_mJ)} × {energies_mJ[0]:g} mJ"
    return f"{', '.join(f'{energy:g}' for energy in energies_mJ)} mJ"
