"""What a study found: shares and means with intervals, and paired differences between policies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from milia.study.folder import SCHEMA_VERSION
from milia.study.policies import Policy
from milia.study.spec import Study

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[np.float64]
LEVEL = 0.95
SHARES = ("treated", "opened", "opened_first", "harmed", "severe", "inside")
MEANS = ("pulses", "sessions", "wound_width", "harm_depth")
COMPARED_SHARES = ("opened", "opened_first", "harmed", "severe")
COMPARED_MEANS = ("pulses", "sessions", "wound_width")
ROOF_CLASSES_um = (0.0, 60.0, 80.0, 100.0, 120.0, 140.0, 500.0)
UNKNOWN = "No probability was found in the sources that were read, so that nothing is simulated."


def share_interval(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Jeffreys; Brown, Cai & DasGupta 2001, Stat Sci 16:101)."""
    from scipy.special import betaincinv

    tail = 0.5 * (1.0 - LEVEL)
    low = 0.0 if hits == 0 else float(betaincinv(hits + 0.5, count - hits + 0.5, tail))
    high = 1.0 if hits == count else float(betaincinv(hits + 0.5, count - hits + 0.5, 1.0 - tail))
    return low, high


def mean_interval(values: Array) -> tuple[float, float]:
    """Return the 95 % interval of a mean by Student's t; both ends the mean itself where nothing varies."""
    from scipy.special import stdtrit

    count, mean = len(values), float(values.mean())
    if count < 2:
        return mean, mean
    half = float(stdtrit(count - 1, 0.5 + 0.5 * LEVEL)) * float(values.std(ddof=1)) / math.sqrt(count)
    return mean - half, mean + half


def paired_share(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> Mapping[str, float]:
    """Return the difference of two shares over the same patients, with its 95 % interval.

    Half a patient is added to each of the four kinds of pairs (Agresti & Min 2005, Stat Med 24:729), which
    keeps the interval from vanishing where no pair differs.
    """
    only_ours, only_theirs = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    count = len(ours) + 2.0
    b, c = only_ours + 0.5, only_theirs + 0.5
    centre = (b - c) / count
    half = 1.959963984540054 * math.sqrt((b + c) - (b - c) ** 2 / count) / count
    return {
        "difference": (only_ours - only_theirs) / len(ours),
        "low": max(-1.0, centre - half),
        "high": min(1.0, centre + half),
        "only_ours": only_ours,
        "only_theirs": only_theirs,
    }


def summary(study: Study, rows: pa.Table) -> dict[str, Any]:
    """Return all that the report says, as JSON can hold it.

    Every policy is compared with the first one that fires a laser. Means of wound, pulses and sessions are
    over the patients who were treated by that policy; differences over those treated by both.
    """
    about = {key.decode(): value.decode() for key, value in (rows.schema.metadata or {}).items()}
    columns = {policy.name: _columns(rows, policy.name) for policy in study.simulated}
    base = study.simulated[0].name
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study.to_dict(),
        "baseline": base,
        "policies": [
            _reference(policy) if policy.kind == "reference" else _policy(policy, columns[policy.name])
            for policy in study.policies
        ],
        "against_baseline": {
            name: _against(found, columns[base]) for name, found in columns.items() if name != base
        },
        "by_site": _by(columns, "site"),
        "by_roof": _by_roof(columns),
        "groups": len(set(columns[base]["group"].tolist())),
        "provenance": {
            "id": about["id"],
            "version": about["version"],
            "seed": study.seed,
            "parameter_sets": about["parameter_sets"].split(),
            "evidence_rows": list(study.evidence),
        },
    }


def _columns(rows: pa.Table, policy: str) -> dict[str, NDArray[Any]]:
    import pyarrow.compute as pc

    own = rows.filter(pc.equal(rows.column("policy"), policy))
    return {name: own.column(name).to_numpy(zero_copy_only=False) for name in own.column_names}


def _reference(policy: Policy) -> dict[str, Any]:
    return {"name": policy.name, "kind": policy.kind, "treatment": policy.treatment, "words": UNKNOWN}


def _policy(policy: Policy, found: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    treated = found["treated"].astype(bool)
    made: dict[str, Any] = {"name": policy.name, "kind": policy.kind, "patients": len(treated)}
    for name in SHARES:
        values = found[name].astype(bool)
        made[name] = _share(int(values.sum()), len(values))
    for name in MEANS:
        made[name] = _mean(found[name][treated].astype(float))
    opened_clean = found["opened"].astype(bool) & ~found["harmed"].astype(bool)
    made["opened_unharmed"] = _share(int(opened_clean.sum()), len(treated))
    made["claimed"] = {name: _mean(_known(found[f"{name}_planned"])) for name in ("p_open", "p_harm")}
    return made


def _known(values: NDArray[Any]) -> Array:
    found = np.array([np.nan if value is None else float(value) for value in values])
    return np.asarray(found[np.isfinite(found)])


def _share(hits: int, count: int) -> dict[str, Any]:
    low, high = share_interval(hits, count)
    return {"count": hits, "share": _r(hits / count), "low": _r(low), "high": _r(high)}


def _mean(values: Array) -> dict[str, float] | None:
    if not len(values):
        return None
    low, high = mean_interval(values)
    return {"mean": _r(float(values.mean())), "low": _r(low), "high": _r(high)}


def _r(value: float) -> float:
    return round(value, 6)


def _against(ours: Mapping[str, NDArray[Any]], base: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    if not np.array_equal(ours["patient"], base["patient"]):
        raise ValueError("policies were not fired at the same patients")
    made: dict[str, Any] = {
        name: {k: _r(v) for k, v in paired_share(ours[name].astype(bool), base[name].astype(bool)).items()}
        for name in COMPARED_SHARES
    }
    both = ours["treated"].astype(bool) & base["treated"].astype(bool)
    for name in COMPARED_MEANS:
        made[name] = _mean(ours[name][both].astype(float) - base[name][both].astype(float))
    return made


def _by(columns: Mapping[str, Mapping[str, NDArray[Any]]], key: str) -> dict[str, Any]:
    return {
        policy: {str(word): _rates(found, found[key] == word) for word in sorted(set(found[key].tolist()))}
        for policy, found in columns.items()
    }


def _by_roof(columns: Mapping[str, Mapping[str, NDArray[Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return shares in classes of the true roof, for the picture."""
    made: dict[str, list[dict[str, Any]]] = {}
    for policy, found in columns.items():
        made[policy] = []
        for low, high in pairwise(ROOF_CLASSES_um):
            inside = (found["roof"] >= low) & (found["roof"] < high)
            if inside.any():
                made[policy].append(
                    {"roof_mean_um": _r(float(found["roof"][inside].mean())), **_rates(found, inside)}
                )
    return made


def _rates(found: Mapping[str, NDArray[Any]], inside: NDArray[np.bool_]) -> dict[str, Any]:
    count = int(inside.sum())
    return {
        "patients": count,
        **{name: _share(int(found[name][inside].astype(bool).sum()), count) for name in ("opened", "harmed")},
    }


def verdict(found: Mapping[str, Any], ours: str) -> str:
    """Say in one sentence what the paired differences of one policy against the baseline show."""
    rows: Mapping[str, Any] = found["against_baseline"][ours]
    parts = []
    for name, words in (("opened", "opened"), ("harmed", "harmed"), ("severe", "severely harmed")):
        row = rows[name]
        sure = row["low"] > 0.0 or row["high"] < 0.0
        more = "more" if row["difference"] > 0.0 else "fewer"
        size = f"{100 * abs(row['difference']):.1f} points ({_ends(row)})"
        parts.append(f"{words} {size} {more}" if sure else f"{words} no different ({_ends(row)})")
    return f"{ours} against {found['baseline']}: " + ", ".join(parts) + "."


def _ends(row: Mapping[str, float]) -> str:
    return f"95 %: {100 * row['low']:+.1f} to {100 * row['high']:+.1f}"


def names(policies: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the policies that were simulated."""
    return [row["name"] for row in policies if row["kind"] != "reference"]
