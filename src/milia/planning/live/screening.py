"""Every deliverable setting at every simulated skin, estimated: where the engine should look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.planning.live.answers import settings_of
from milia.planning.live.inputs import coordinates
from milia.planning.live.outputs import PULSES
from milia.planning.live.prepared import Prepared, check_pulses
from milia.planning.live.surrogate import OutsideRangeError
from milia.planning.live.verdicts import Verdicts, raw_outputs, shares, verdicts_of
from milia.planning.outcomes import Shot
from milia.planning.search import best_of_each_spot, shots_for, spots_for
from milia.planning.types import Candidate

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Screened:
    """Estimated probabilities of shots after each pulse, [shots, pulses, 3] of opening, harm, severe harm.

    ``refused`` are shots that the surrogate was not trained for: they are not in ``shots``, and whoever
    searches has to fire them.
    """

    shots: tuple[Shot, ...]
    chances: Array
    refused: tuple[Shot, ...]
    prepared: Prepared

    def candidates(self) -> list[Candidate]:
        """Return every number of pulses of every shot as a plan lists it; none of them is a count."""
        goals, skins = self.prepared.goals, len(self.prepared.skins)
        made = []
        for shot, chances in zip(self.shots, self.chances, strict=True):
            for number, (p_open, p_harm, p_severe) in enumerate(chances.tolist(), start=1):
                made.append(
                    Candidate(
                        settings=settings_of(shot, number),
                        p_open=p_open,
                        p_harm=p_harm,
                        p_open_range=(p_open, p_open),
                        p_harm_range=(p_harm, p_harm),
                        inside=p_open >= goals.p_open_min
                        and p_harm <= goals.p_harm_max
                        and p_severe <= goals.p_severe_max,
                        scenarios=skins,
                        p_severe=p_severe,
                    )
                )
        return made


def screen(prepared: Prepared, shots: Iterable[Shot], pulses: int) -> Screened:
    """Estimate what every shot opens and harms after each of its pulses, in all skins of the case.

    Raises
    ------
    OutsideRangeError
        Where the surrogate cannot answer the case, or not so many pulses. A shot outside its range is
        listed in ``refused``.
    """
    if prepared.refused is not None:
        raise prepared.refused
    check_pulses(pulses)
    known: list[Shot] = []
    refused: list[Shot] = []
    made: list[Array] = []
    for shot in dict.fromkeys(shots):
        try:
            made.append(_chances(prepared, shot, pulses))
            known.append(shot)
        except OutsideRangeError:
            refused.append(shot)
    chances = np.stack(made) if made else np.zeros((0, pulses, 3))
    return Screened(tuple(known), chances, tuple(refused), prepared)


def _chances(prepared: Prepared, shot: Shot, pulses: int) -> Array:
    if shot.looked:
        raise OutsideRangeError("pulses with a look between them", key="looked")
    rows, _ = prepared.rows(shot)
    outputs = raw_outputs(prepared.surrogate, coordinates(rows), pulses)
    found = verdicts_of(outputs, rows, prepared.limits, prepared.surrogate)
    return np.clip(shares(found, prepared.limits.weight), 0.0, 1.0)


def best_shots(prepared: Prepared, pulses: int, count: int) -> tuple[Shot, ...]:
    """Return the best shot of each of the ``count`` best spots among all that the search could fire.

    Where the surrogate does not know one of them there is none: then the engine has to look.
    """
    device, goals = prepared.case.device, prepared.goals
    spots = spots_for(device, goals, prepared.case.lesion.diameter.value)
    found = screen(prepared, [shot for spot in spots for shot in shots_for(device, spot)], pulses)
    return () if found.refused else best_of_each_spot(found.candidates(), goals, count)


def verdicts_in_each_skin(prepared: Prepared, shot: Shot) -> Verdicts:
    """Return the chances of every skin after each pulse of a train, as far as trains are known.

    Raises
    ------
    OutsideRangeError
        Where the shot lies outside the surrogate's range.
    """
    rows, _ = prepared.rows(shot)
    outputs = raw_outputs(prepared.surrogate, coordinates(rows), PULSES)
    return verdicts_of(outputs, rows, prepared.limits, prepared.surrogate)
