"""Chances along one setting, and where they cross their thresholds."""

from __future__ import annotations

from dataclasses import dataclass

from milia.language import say
from milia.report.numbers import first_crossing, interpolated, significant, with_unit


@dataclass(frozen=True, slots=True)
class ResponsePoint:
    """Chances at one value of the swept setting."""

    x: float
    p_open: float
    p_harm: float
    p_open_range: tuple[float, float] | None = None
    p_harm_range: tuple[float, float] | None = None
    p_severe: float = 0.0


@dataclass(frozen=True, slots=True)
class WindowData:
    """What the picture of the window needs."""

    axis_title: str
    unit: str
    points: tuple[ResponsePoint, ...]
    p_open_min: float
    p_harm_max: float
    exists: bool
    recommended: float | None = None
    down_percent: float | None = None
    up_percent: float | None = None
    p_severe_max: float | None = None

    @property
    def opens_at(self) -> float | None:
        """Where the chance of opening reaches its goal."""
        return first_crossing([p.x for p in self.points], [p.p_open for p in self.points], self.p_open_min)

    @property
    def passes_at(self) -> float | None:
        """Where the chance of passing the site's limit reaches what is accepted."""
        return first_crossing([p.x for p in self.points], [p.p_harm for p in self.points], self.p_harm_max)

    @property
    def severe_at(self) -> float | None:
        """Where the chance of passing the depth of scars reaches what is accepted."""
        if self.p_severe_max is None:
            return None
        return first_crossing(
            [p.x for p in self.points], [p.p_severe for p in self.points], self.p_severe_max
        )

    @property
    def harms_at(self) -> float | None:
        """Where the first of the two limits on harm is reached."""
        found = [place for place in (self.passes_at, self.severe_at) if place is not None]
        return min(found) if found else None

    @property
    def harm_there(self) -> float:
        """The chance of harm where the first limit is reached, for the mark on its curve."""
        place = self.harms_at
        if place is None or place == self.passes_at:
            return self.p_harm_max
        return interpolated([p.x for p in self.points], [p.p_harm for p in self.points], place)

    @property
    def thresholds_leave_room(self) -> bool:
        """Whether opening reaches its goal before harm passes its limit, along this one setting."""
        opens, harms = self.opens_at, self.harms_at
        return opens is not None and (harms is None or opens < harms)


def describe_window(data: WindowData) -> str:
    """Say in one sentence what the picture shows."""
    parts = {"opening": _opening(data), "harm": _harm(data)}
    if data.exists:
        return say("There is a window: {opening}; {harm}.", **parts)
    return say("There is no window: {opening}; {harm}.", **parts)


def _opening(data: WindowData) -> str:
    goal, place = significant(100 * data.p_open_min), data.opens_at
    if place is None:
        return say("opening does not reach {goal} of 100 in this range", goal=goal)
    at = with_unit(place, data.unit)
    if place <= data.points[0].x:
        return say("opening is already past {goal} of 100 at {place}", goal=goal, place=at)
    return say("opening reaches {goal} of 100 at {place}", goal=goal, place=at)


def _harm(data: WindowData) -> str:
    limit, place = significant(100 * data.p_harm_max), data.harms_at
    if data.severe_at is not None and data.severe_at == place and data.p_severe_max is not None:
        return say(
            "{share} of 100 lose tissue deeper than scars were measured from {place}",
            share=significant(100 * data.p_severe_max),
            place=with_unit(data.severe_at, data.unit),
        )
    if place is None:
        return say("harm stays below {limit} of 100 in this range", limit=limit)
    at = with_unit(place, data.unit)
    if place <= data.points[0].x:
        return say("harm is already past {limit} of 100 at {place}", limit=limit, place=at)
    return say("harm passes {limit} of 100 at {place}", limit=limit, place=at)
