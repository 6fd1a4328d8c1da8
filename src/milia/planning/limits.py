"""What a plan aims at and may not pass, at two levels: said from `warn` on, a failure from `stop` on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.base import InputError, as_mapping, check_keys, format_quantity, parse_quantity
from milia.knowledge import Quantity, load_knowledge
from milia.language import told

PREFIX = "planning.limit."
LEVELS = ("warn", "stop")
# the unit a level is written in, and what a case or a clinic may set it to, in SI but °C
WRITTEN: Mapping[str, tuple[str, float, float]] = {
    "opening": ("m", 0.05e-3, 3e-3),
    "depth": ("m", 20e-6, 0.56e-3),
    "lateral": ("m", 0.0, 1e-3),
    "dermis": ("1", 0.0, 1.0),
    "collateral": ("m", 0.0, 1e-3),
    "heat": ("degC", 40.0, 100.0),
}
TITLES: Mapping[str, str] = {
    "opening": told("opening in the roof"),
    "depth": told("living tissue lost, depth"),
    "lateral": told("wound beyond the cyst's rim"),
    "dermis": told("dermis left under the wound"),
    "collateral": told("damage beside the crater"),
    "heat": told("hottest tissue before the next pulse"),
}
AT_LEAST = frozenset({"opening", "dermis"})
SHARES: Mapping[str, tuple[float, float]] = {
    "p_open": (0.5, 0.99),
    "p_harm": (0.0, 0.5),
    "p_severe": (0.0, 0.2),
}
ZERO_degC = 273.15  # K


@dataclass(frozen=True)
class Own:
    """A level or an accepted share that somebody set instead of the default: the case or the clinic."""

    value: float
    whose: str


@dataclass(frozen=True)
class Limit:
    """One quantity with its two levels, SI (heat in °C); ``set_by`` says whose each level is.

    ``applies`` is false where the site has no such limit: then it is measured but stops nothing.
    """

    name: str
    warn: float
    stop: float
    warn_flag: str
    stop_flag: str
    warn_set_by: str
    stop_set_by: str
    applies: bool = True

    @property
    def at_least(self) -> bool:
        return self.name in AT_LEAST

    def to_dict(self) -> dict[str, Any]:
        unit, factor = {"m": ("um", 1e6), "1": ("share", 1.0), "degC": ("degC", 1.0)}[WRITTEN[self.name][0]]
        return {
            "name": self.name,
            "title": TITLES[self.name],
            "sense": "at_least" if self.at_least else "at_most",
            "unit": unit,
            "warn": float(f"{factor * self.warn:.6g}"),
            "stop": float(f"{factor * self.stop:.6g}"),
            "flags": {"warn": self.warn_flag, "stop": self.stop_flag},
            "set_by": {"warn": self.warn_set_by, "stop": self.stop_set_by},
            "applies": self.applies,
        }


def read_limits(found: object, *, key: str, file: str, whose: str) -> dict[str, Own]:
    """Read a section of limits as a case or a clinic writes it.

    Parameters
    ----------
    found
        The section: a limit's name with ``{warn: …, stop: …}``, one of them or both; ``None`` for none.
    key, file
        Where it stands, for messages.
    whose
        Who sets them: ``case`` or ``clinic``.

    Returns
    -------
    dict
        ``"depth.stop"`` and so on, SI (heat in °C).

    Raises
    ------
    InputError
        Naming file, key, value and what would be accepted.
    """
    if found is None:
        return {}
    names = [name for name in WRITTEN if name != "opening" or whose == "case"]
    accepted = f"a section with {', '.join(names)}, each {{warn: …, stop: …}}"
    section = as_mapping(found, key=key, file=file, accepted=accepted)
    check_keys(section, names, key=key, file=file)
    own: dict[str, Own] = {}
    for name, levels in section.items():
        if levels is None:
            continue
        # the opening that stops is the wanted opening, goal.opening
        allowed = ("warn",) if name == "opening" else LEVELS
        inner = as_mapping(
            levels, key=f"{key}.{name}", file=file, accepted=f"a section with {' and '.join(allowed)}"
        )
        check_keys(inner, allowed, key=f"{key}.{name}", file=file)
        unit, low, high = WRITTEN[name]
        for level in allowed:
            if inner.get(level) is not None:
                where = f"{key}.{name}.{level}"
                own[f"{name}.{level}"] = Own(
                    parse_quantity(inner[level], unit=unit, low=low, high=high, key=where, file=file), whose
                )
        _in_order(own, name, inner, key=f"{key}.{name}", file=file)
    return own


def _in_order(own: Mapping[str, Own], name: str, inner: Mapping[str, Any], *, key: str, file: str) -> None:
    warn, stop = own.get(f"{name}.warn"), own.get(f"{name}.stop")
    if warn is None or stop is None:
        return
    if (warn.value < stop.value) if name in AT_LEAST else (warn.value > stop.value):
        side = "at least" if name in AT_LEAST else "at most"
        raise InputError(
            "the warning would come after the stop",
            file=file,
            key=f"{key}.warn",
            value=inner["warn"],
            accepted=f"{side} {inner['stop']}, the level that stops",
        )


def read_shares(section: Mapping[str, Any], *, key: str, file: str, whose: str) -> dict[str, Own]:
    """Read the accepted chances ``p_open``, ``p_harm`` and ``p_severe`` from a section that may hold them."""
    return {
        name: Own(
            parse_quantity(section[name], unit="1", low=low, high=high, key=f"{key}.{name}", file=file), whose
        )
        for name, (low, high) in SHARES.items()
        if section.get(name) is not None
    }


def limits_for(
    own: Mapping[str, Own],
    *,
    opening: Own,
    opening_flag: str,
    depth_m: float,
    depth_flag: str,
    hard_stop: bool,
) -> tuple[tuple[Limit, ...], tuple[str, ...]]:
    """Return every limit at both levels, and the ids of the defaults that were used.

    ``depth_m`` is the site's limit; at a hard stop nobody's own level may be looser than it. A warning that
    would lie beyond the stop in force is that stop.
    """
    known = load_knowledge()
    used: list[str] = []

    def default(name: str, level: str) -> Quantity:
        used.append(f"{PREFIX}{name}.{level}")
        return known.quantity(used[-1])

    def level_of(name: str, level: str, base: float) -> tuple[float, str, str]:
        mine = own.get(f"{name}.{level}")
        if mine is not None and not (hard_stop and name == "depth" and mine.value > depth_m):
            return mine.value, mine.whose, mine.whose
        found = default(name, level)
        value = found.value if WRITTEN[name][0] == "degC" else found.si * base
        return value, found.flag, "knowledge"

    made = []
    for name in WRITTEN:
        base = {"opening": opening.value, "depth": depth_m}.get(name, 1.0)
        stop, stop_flag, stop_by = level_of(name, "stop", base)
        if name == "depth" and stop_by == "knowledge":
            stop_flag = depth_flag
        if name == "opening":
            stop_flag, stop_by = opening_flag, opening.whose
        # a warning that is a share is one of the stop in force
        warn, warn_flag, warn_by = level_of(name, "warn", stop if name in ("opening", "depth") else 1.0)
        if (warn < stop) if name in AT_LEAST else (warn > stop):
            warn, warn_flag, warn_by = stop, stop_flag, stop_by
        applies = hard_stop if name == "collateral" else True
        made.append(Limit(name, warn, stop, warn_flag, stop_flag, warn_by, stop_by, applies))
    return tuple(made), tuple(used)


def level_in_words(name: str, value: float) -> str:
    """Write one level for people: ``212 µm``, ``50 %``, ``60 °C``."""
    unit = WRITTEN[name][0]
    if unit == "1":
        return f"{100 * value:g} %"
    if unit == "degC":
        return f"{value:g} °C"
    return format_quantity(float(f"{value:.3g}"), "m")
