"""Fast answers: a trained surrogate of the engine with a known error, for sliders and for where to look.

No recommendation rests on it: what a plan recommends is counted by the engine.
"""

from __future__ import annotations

from milia.planning.live.answers import Live, answer
from milia.planning.live.prepared import Prepared, known_skins, prepare
from milia.planning.live.screening import Screened, best_shots, screen, verdicts_in_each_skin
from milia.planning.live.surrogate import OutsideRangeError, Surrogate, load_surrogate
from milia.planning.live.swift import SwiftEvaluator, swift_evaluator

__all__ = [
    "Live",
    "OutsideRangeError",
    "Prepared",
    "Screened",
    "Surrogate",
    "SwiftEvaluator",
    "answer",
    "best_shots",
    "known_skins",
    "load_surrogate",
    "prepare",
    "screen",
    "swift_evaluator",
    "verdicts_in_each_skin",
]
