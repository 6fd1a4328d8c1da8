"""A treated lesion as a calibration takes it: what was fired, and what came of it; nothing of whom it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from milia.base import Interval, Measured
from milia.laser import Settings
from milia.skin import Site, site


@dataclass(frozen=True)
class TreatedLesion:
    """One recorded lesion with what its plan knew of it; SI, days.

    ``settings.pulses`` are those fired. ``opened`` is ``yes``, ``no`` or ``not_seen``.
    """

    label: str
    plan_id: str
    site: Site
    diameter: Measured
    roof: Measured | None
    total: Measured | None
    opening_m: float
    settings: Settings
    opened: str
    opened_in: int | None
    healed_day: int | None
    open_on_day: int | None
    mark: str
    predicted_days: Interval | None
    p_harm: float | None

    @property
    def kind(self) -> tuple[object, ...]:
        """What two lesions must share to be simulated as one."""
        dialled = self.settings
        return (
            self.site.name, self.diameter, self.roof, self.total, self.opening_m, dialled.pulse_energy_J,
            dialled.pulse_duration_s, dialled.spot_diameter_m, dialled.interval_s,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data, SI."""
        return {**asdict(self), "site": self.site.name}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> TreatedLesion:
        """Return the lesion that ``to_dict`` wrote."""
        parts = {
            "site": site(found["site"]),
            "settings": Settings(**found["settings"]),
            **{
                name: Measured(**found[name]) if found[name] is not None else None
                for name in ("diameter", "roof", "total")
            },
            "predicted_days": Interval(**found["predicted_days"]) if found["predicted_days"] else None,
        }
        return cls(**{**found, **parts})
