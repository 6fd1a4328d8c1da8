"""What was seen after treatments, counted: shares with intervals by group, and against what was predicted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

__all__ = ["MEASURES", "Bin", "Group", "Share", "Treated", "bins_of", "groups_of", "merged", "treated_of"]

MEASURES = ("opened", "healed", "mark", "recurred")
LEVEL = 0.90
SAME = 0.01  # a setting read off a display may be rounded by this share
OPEN_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
HARM_EDGES = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0)
_UNKNOWN = (None, "", "not_seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """One treated lesion: where, with what, what was seen; ``None`` where nobody looked."""

    site: str
    device: str
    setting: str
    opened: bool | None = None
    healed: bool | None = None
    healed_day: int | None = None
    mark: bool | None = None
    recurred: bool | None = None
    p_open: float | None = None
    p_harm: float | None = None
    opened_as_planned: bool | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the 90 % interval of the share; no interval of nothing."""

    seen: int
    of: int
    low: float | None = None
    high: float | None = None

    @property
    def share(self) -> float | None:
        return self.seen / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What was seen on the lesions of one site, device or setting."""

    name: str
    treated: int
    opened: Share
    healed: Share
    mark: Share
    recurred: Share
    healed_day: float | None
    p_open: float | None
    p_harm: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of a reliability curve: chances that were predicted within it, and how often it came so."""

    low: float
    high: float
    predicted: float
    seen: Share


def share_of(values: Iterable[bool | None]) -> Share:
    """Give a share with its interval (Jeffreys; Brown, Cai & DasGupta 2001, Stat Sci 16:101)."""
    from scipy.special import betaincinv

    known = [value for value in values if value is not None]
    seen, of = sum(known), len(known)
    if not of:
        return Share(0, 0)
    tail = 0.5 * (1.0 - LEVEL)
    a, b = seen + 0.5, of - seen + 0.5
    low = 0.0 if seen == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if seen == of else float(betaincinv(a, b, 1.0 - tail))
    return Share(seen, of, low, high)


def merged(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Join what was recorded at several visits; the newest comes first and counts where it says something."""
    found: dict[str, Any] = {}
    for record in records:
        for name, value in record.items():
            if found.get(name) in _UNKNOWN:
                found[name] = value
    return found


def treated_of(
    *,
    site: str,
    record: Mapping[str, Any],
    fired: Mapping[str, Any],
    plan: Mapping[str, Any] | None,
    device: str,
) -> Treated:
    """Put one treated lesion together.

    Parameters
    ----------
    site, device
        Where, and with what.
    record
        What was seen, with the keys of an outcome record.
    fired
        The setting that was really fired, with the keys of a treatment.
    plan
        The plan as `milia plan --json` prints it; its chances count only where it was fired as planned.
    """
    opened = {"yes": True, "no": False}.get(str(record.get("opened")))
    day, still_open = record.get("healed_day"), record.get("open_on_day")
    late, early = record.get("mark_week_12"), record.get("mark_week_6")
    came_back = record.get("recurrence_week") is not None
    looked_later = came_back or late not in _UNKNOWN or early not in _UNKNOWN
    planned = plan if plan is not None and _as_planned(plan.get("settings"), fired) else None
    return Treated(
        site=site,
        device=device,
        setting=setting_text(fired),
        opened=opened,
        healed=True if day is not None else False if still_open is not None else None,
        healed_day=day,
        mark=None if late in _UNKNOWN else late != "none",
        recurred=came_back if looked_later else None,
        p_open=planned.get("p_open") if planned else None,
        p_harm=planned.get("p_harm") if planned else None,
        opened_as_planned=_opened_by_then(opened, record, fired, planned),
    )


def setting_text(fired: Mapping[str, Any]) -> str:
    """Write a setting as its display has it, or the treatment's name where no laser was fired."""
    energy, spot, pulses = (fired.get(key) for key in ("pulse_energy_mJ", "spot_diameter_um", "pulses_fired"))
    if energy is None:
        return str(fired.get("action") or "")
    parts = [f"{energy:g} mJ"]
    if duration := fired.get("pulse_duration_us"):
        parts.append(f"{duration:.4g} µs")
    if spot:
        parts.append(f"{spot:g} µm")
    return " · ".join(parts) + (f" × {pulses}" if pulses else "")


def _as_planned(settings: Mapping[str, Any] | None, fired: Mapping[str, Any]) -> bool:
    if not settings:
        return False
    for key in ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um"):
        wanted, had = settings.get(key), fired.get(key)
        if wanted is None or had is None or abs(had - wanted) > SAME * wanted:
            return False
    return True


def _opened_by_then(
    opened: bool | None, record: Mapping[str, Any], fired: Mapping[str, Any], plan: Mapping[str, Any] | None
) -> bool | None:
    """Say whether the roof was open by the planned number of pulses; ``None`` where that cannot be told."""
    if plan is None or opened is None:
        return None
    most = plan["settings"].get("pulses")
    pulses = record.get("opened_in_pulses") or fired.get("pulses_fired")
    if most is None or pulses is None:
        return None
    if opened:
        return bool(pulses <= most)
    return False if pulses >= most else None


def groups_of(treated: Sequence[Treated], by: Callable[[Treated], str]) -> list[Group]:
    """Count by groups, the largest first."""
    names = sorted({by(each) for each in treated})
    found = [_group(name, [each for each in treated if by(each) == name]) for name in names]
    return sorted(found, key=lambda group: -group.treated)


def _group(name: str, treated: Sequence[Treated]) -> Group:
    days = [each.healed_day for each in treated if each.healed_day is not None]
    return Group(
        name=name,
        treated=len(treated),
        opened=share_of(each.opened for each in treated),
        healed=share_of(each.healed for each in treated),
        mark=share_of(each.mark for each in treated),
        recurred=share_of(each.recurred for each in treated),
        healed_day=float(median(days)) if days else None,
        p_open=_mean([each.p_open for each in treated]),
        p_harm=_mean([each.p_harm for each in treated]),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def bins_of(pairs: Iterable[tuple[float | None, bool | None]], edges: Sequence[float]) -> list[Bin]:
    """Put predicted chances into bins and count how often each came true; empty bins are left out."""
    known = [(chance, came) for chance, came in pairs if chance is not None and came is not None]
    found = []
    for number, (low, high) in enumerate(pairwise(edges), start=1):
        last = number == len(edges) - 1
        inside = [(p, came) for p, came in known if low <= p < high or (last and p == high)]
        if inside:
            mean = sum(p for p, _ in inside) / len(inside)
            found.append(Bin(low, high, mean, share_of(came for _, came in inside)))
    return found
