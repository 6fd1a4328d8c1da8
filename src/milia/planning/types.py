"""The vocabulary of a laser plan: one evaluated setting, and the plan built from many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from milia.base import Interval
from milia.laser import Settings


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deliverable setting with the share of simulated skins it opens and harms.

    ``p_open_range`` and ``p_harm_range`` are 90 % intervals of those shares that
    come from the finite number of scenarios alone. ``p_severe`` is the share in which living tissue
    is lost deeper than the measured scar threshold.

    With ``looked`` the pulses are fired one at a time, at most ``settings.pulses``, until whoever looks sees
    the roof open; ``step`` and ``ladder`` are those of the shot, and ``settings`` the first pulse's.
    """

    settings: Settings
    p_open: float
    p_harm: float
    p_open_range: tuple[float, float]
    p_harm_range: tuple[float, float]
    inside: bool
    scenarios: int
    p_severe: float
    looked: bool = False
    step: int = 0
    ladder: tuple[tuple[float, float], ...] = ()

    @property
    def strategy(self) -> str:
        """Which of the four strategies this is."""
        if not self.looked:
            return "one_go"
        if self.settings.pulses == 1:
            return "one_pulse_and_look"
        return "titrated" if self.step else "stepwise"

    @property
    def dialled(self) -> Settings:
        """What is set before the first trigger: of a looked train its first pulse."""
        return replace(self.settings, pulses=1) if self.looked else self.settings

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.dialled.to_dict(),
            "strategy": self.strategy,
            "most_pulses": self.settings.pulses,
            "step": self.step,
            "p_open": self.p_open,
            "p_harm": self.p_harm,
            "p_severe": self.p_severe,
            "inside": self.inside,
            "scenarios": self.scenarios,
        }


@dataclass(frozen=True)
class LaserPlan:
    """What the laser can do for one case: the window, the choice in it, and why."""

    recommended: Candidate | None
    best_try: Candidate | None
    predicted: Mapping[str, Interval] | None
    points: tuple[Candidate, ...]
    window_exists: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    goals: Mapping[str, Any]
    response: Mapping[str, Any]
    margin: Mapping[str, float] | None
    pulses: tuple[Mapping[str, Any], ...]
    cross_section: Mapping[str, Any]
    measure_next: tuple[Mapping[str, Any], ...]
    parameter_sets: tuple[str, ...]
    evidence: tuple[str, ...]
    seed: int
    scenarios: int
    rests_on: tuple[str, ...]
    statistics: Mapping[str, Any]
    decisions: tuple[Mapping[str, Any], ...] = ()
    pareto: tuple[Mapping[str, Any], ...] = ()
    worst: tuple[Mapping[str, Any], ...] = ()
    strategies: tuple[Mapping[str, Any], ...] = ()
    limits: tuple[Mapping[str, Any], ...] = ()
    scenario_table: Mapping[str, Any] = field(default_factory=dict)
    drift: tuple[Mapping[str, Any], ...] = ()
    decision: Mapping[str, Any] = field(default_factory=dict)
    explanation: str = ""
    strategy: Mapping[str, Any] | None = None
    device: str = ""
    devices: tuple[Mapping[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        chosen = self.recommended
        return {
            "settings": chosen.dialled.to_dict() if chosen else None,
            "strategy": dict(self.strategy) if self.strategy else None,
            "predicted": {k: v.to_dict() for k, v in self.predicted.items()} if self.predicted else None,
            "p_open": chosen.p_open if chosen else None,
            "p_harm": chosen.p_harm if chosen else None,
            "p_severe": chosen.p_severe if chosen else None,
            "goals": dict(self.goals),
            "window": {
                "exists": self.window_exists,
                "points": [point.to_dict() for point in self.points],
                "response": dict(self.response),
                "margin": dict(self.margin) if self.margin else None,
            },
            "pulses": [dict(row) for row in self.pulses],
            "cross_section": dict(self.cross_section),
            "measure_next": [dict(row) for row in self.measure_next],
            "decisions": [dict(row) for row in self.decisions],
            "pareto": [dict(row) for row in self.pareto],
            "worst_scenarios": [dict(row) for row in self.worst],
            "strategies": [dict(row) for row in self.strategies],
            "limits": [dict(row) for row in self.limits],
            "scenarios": dict(self.scenario_table),
            "drift": [dict(row) for row in self.drift],
            "decision": dict(self.decision),
            "explanation": self.explanation,
            "devices": [dict(row) for row in self.devices],
        }
