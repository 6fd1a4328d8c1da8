"""The measured rows and the studies they come from, read from the knowledge base."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from milia.base import MiliaError
from milia.calibration.draws import Marginal, from_quantity
from milia.knowledge import DATA_FOLDER, KnowledgeError, Quantity, load_knowledge

TABLE = DATA_FOLDER / "ablation" / "measurements.csv"
DELIVERED = "device.delivered_fraction"
CO2_M = 10.6e-6

ROLES = ("fit", "show", "none")
RELATIONS = ("equals", "at_least", "at_most", "between")
# what a row may measure, and whether it is a thickness of thermal damage
OBSERVABLES: Mapping[str, bool] = {
    "depth": False,
    "width": False,
    "total_depth": False,
    "depth_over_epidermis": False,
    "depth_per_fluence": False,
    "heat_of_ablation": False,
    "peak_temperature": False,
    "rtd_floor": True,
}
UNIT_SI: Mapping[str, float] = {"um": 1e-6, "1": 1.0, "kJ/cm^3": 1e9, "degC": 1.0, "um*cm^2/J": 1e-10}
# a setting's key carries its unit
SETTING_SI: Mapping[str, tuple[str, float]] = {
    "spot_diameter_um": ("spot_diameter", 1e-6),
    "pulse_energy_mJ": ("pulse_energy", 1e-3),
    "pulse_duration_us": ("pulse_duration", 1e-6),
    "fluence_J_cm2": ("fluence", 1e4),
    "interval_ms": ("interval", 1e-3),
    "pulses": ("pulses", 1.0),
    "passes": ("passes", 1.0),
    "wiped": ("wiped", 1.0),
}

Settings = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Study:
    """One experiment: its skin, and the distributions of what it leaves unsaid (SI)."""

    name: str
    title: str
    skin: str
    wavelength_m: float
    conditions: tuple[Marginal, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Measurement:
    """One measured number and what it is compared with; SI, temperatures in °C.

    ``relation`` says whether ``value`` is met, an upper or lower limit, or ``low`` to ``high`` is met. With a
    ``reference`` the number is a ratio of the observable at ``settings`` to that at ``reference``.
    ``log_sd`` is the standard error of its natural logarithm, ``peer`` another model's number for it.
    """

    row: int
    study: str
    role: str
    observable: str
    relation: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    log_sd: float
    settings: Settings
    reference: Settings | None
    quality: str
    source: str
    peer: float | None
    reason: str
    sd_note: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """Row and observable, unique in the table."""
        return f"{self.row}.{self.observable}"

    @property
    def thermal(self) -> bool:
        """Whether a thickness of thermal damage was measured."""
        return OBSERVABLES[self.observable]

    @property
    def shots(self) -> tuple[Settings, ...]:
        """The settings to simulate for it."""
        return (self.settings,) if self.reference is None else (self.settings, self.reference)


@lru_cache(maxsize=4)
def read_measurements(path: Path = TABLE) -> tuple[Measurement, ...]:
    """Return every row of the table; a row that breaks a rule is refused."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = tuple(_measurement(raw, path.name) for raw in csv.DictReader(stream))
    labels = [row.label for row in rows]
    if len(set(labels)) != len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise KnowledgeError("a row measures one observable once", file=path.name, entry=twice)
    return rows


def _measurement(raw: Mapping[str, str], file: str) -> Measurement:
    entry = f"row {raw['row']}"

    def refuse(problem: str) -> KnowledgeError:
        return KnowledgeError(problem, file=file, entry=entry)

    role, relation, unit = raw["role"], raw["relation"], raw["unit"]
    if role not in ROLES or raw["observable"] not in OBSERVABLES:
        raise refuse(f"role {role!r} or observable {raw['observable']!r} is not known")
    if role != "fit" and not raw["reason"]:
        raise refuse("a row that is not fitted needs a reason")
    if role != "none" and (relation not in RELATIONS or unit not in UNIT_SI or not raw["log_sd"]):
        raise refuse("a row that is simulated needs a relation, a unit and a log_sd")
    if raw["quality"] == "C" and role == "fit":
        raise refuse("rows of quality C are not fitted")
    scale = UNIT_SI.get(unit, 1.0)

    def number(key: str) -> float | None:
        return float(raw[key]) * scale if raw[key] else None

    made = Measurement(
        row=int(raw["row"]),
        study=raw["study"],
        role=role,
        observable=raw["observable"],
        relation=relation,
        value=number("value"),
        low=number("low"),
        high=number("high"),
        unit=unit,
        log_sd=float(raw["log_sd"] or "nan"),
        settings=_settings(raw["settings"], refuse),
        reference=_settings(raw["reference"], refuse) if raw["reference"] else None,
        quality=raw["quality"],
        source=raw["source"],
        peer=number("peer"),
        reason=raw["reason"],
        sd_note=raw["sd_note"],
    )
    if role != "none":
        ends = (made.low, made.high) if relation == "between" else (made.value,)
        if any(end is None or end <= 0.0 for end in ends):
            raise refuse(f"a row with the relation {relation!r} needs its number above zero")
    return made


def _settings(text: str, refuse: object) -> Settings:
    pairs = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        key, _, number = part.partition("=")
        if key not in SETTING_SI:
            assert callable(refuse)
            raise refuse(f"the setting {key!r} is not known; known: {', '.join(SETTING_SI)}")
        name, scale = SETTING_SI[key]
        pairs.append((name, float(number) * scale))
    return tuple(pairs)


@lru_cache(maxsize=1)
def read_studies() -> Mapping[str, Study]:
    """Return every experiment of the knowledge base by name."""
    known = load_knowledge()
    made = {}
    for statement in known.statements("experiment"):
        name, extra = statement.id.removeprefix("experiment."), statement.extra
        ids = {"delivered": DELIVERED, **extra["conditions"]}
        wavelength = known.quantity(extra["wavelength"]).si if "wavelength" in extra else CO2_M
        made[name] = Study(
            name=name,
            title=extra["title"],
            skin=extra["skin"],
            wavelength_m=wavelength,
            conditions=tuple(_condition(key, known.quantity(id)) for key, id in ids.items()),
            evidence=(statement.id, *ids.values()),
        )
    return made


def _condition(name: str, quantity: Quantity) -> Marginal:
    return from_quantity(name, quantity)


def study(name: str) -> Study:
    """Return one experiment."""
    found = read_studies()
    if name not in found:
        raise MiliaError(f"there is no experiment {name!r}; known: {', '.join(found)}")
    return found[name]
