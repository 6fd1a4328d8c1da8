"""From findings to probabilities: Bayes' rule with findings of one family sharing their weight."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from milia.diagnosis.data import CLOSED, SITE_GROUPS
from milia.diagnosis.findings import Findings
from milia.diagnosis.tables import Array, Tables

_FAMILY_OF = {
    ("surface", "telangiectatic"): "vessels",
    ("surface", "umbilicated"): "surface",
    ("surface", "punctum"): "surface",
}


@dataclass(frozen=True, eq=False)
class Item:
    """One finding as evidence: log P(finding | condition) [conditions, draws], and its weight."""

    feature: str
    value: str
    title: str
    family: str
    present: bool
    likelihood: Array
    weight: float = 1.0

    @property
    def key(self) -> str:
        """Name of the finding, such as ``colour:white`` or ``term:trauma``."""
        return f"{self.feature}:{self.value}"


@dataclass(frozen=True, eq=False)
class Posterior:
    """Probabilities of conditions [conditions, draws] with the evidence behind them."""

    probability: Array
    items: tuple[Item, ...]


def gather(
    tables: Tables, findings: Findings, *, doubted: Mapping[str, float] | None = None
) -> tuple[Item, ...]:
    """Turn findings into evidence items and share the weight within families.

    Parameters
    ----------
    tables
        Sampled tables.
    findings
        What is known; what is unknown gives no item.
    doubted
        Weight of findings that contradict others, by key.
    """
    raw = [*_closed_items(tables, findings), *_site_groups(tables, findings), *_term_items(tables, findings)]
    if findings.size_mm is not None:
        low, high = findings.size_mm
        raw.append(
            Item(
                "size",
                f"{low:g}-{high:g}",
                f"size {low:g} mm" if low == high else f"size {low:g} to {high:g} mm",
                "size",
                True,
                _size(tables, low, high),
            )
        )
    if findings.spontaneous_resolution is not None:
        goes = findings.spontaneous_resolution
        share = np.log(tables.resolution if goes else 1 - tables.resolution)
        title = "goes by itself" if goes else "does not go by itself"
        raw.append(Item("resolution", str(goes).lower(), title, "resolution", True, share))
    return shared_weights(raw, tables.field.numbers, doubted or {})


def shared_weights(
    items: Iterable[Item], numbers: Mapping[str, float], doubted: Mapping[str, float]
) -> tuple[Item, ...]:
    """Count the most telling finding of a family in full, the second less, the others least."""
    ranks = (1.0, numbers["dependence.second"])
    families: dict[str, list[Item]] = {}
    for item in items:
        families.setdefault(item.family, []).append(item)
    made = []
    for family in families.values():
        for rank, item in enumerate(sorted(family, key=lambda i: (-_telling(i), i.key))):
            weight = ranks[rank] if rank < len(ranks) else numbers["dependence.further"]
            weight *= doubted.get(item.key, 1.0)
            if not item.present:
                weight *= numbers["dependence.absent"]
            made.append(dataclasses.replace(item, weight=weight * numbers["dependence.temper"]))
    return tuple(made)


def infer(log_prior: Array, items: Iterable[Item], *, misread: Array | float = 0.0) -> Posterior:
    """Apply Bayes' rule to every draw of the tables, and keep a share for a sheet that misleads as a whole.

    Parameters
    ----------
    log_prior
        Log prior probability [conditions, draws].
    items
        Evidence with its weights.
    misread
        Share of lesions whose look is that of something else [draws].

    Notes
    -----
    log Q(c) = log P(c) + Σ_i w_i log P(finding_i | c) + const, w_i from `shared_weights`;
    P(c | findings) = (1 - misread) Q(c) + misread P(c).
    After Spiegelhalter DJ, Knill-Jones RP 1984, J R Stat Soc A 147:35 (weights of evidence, shrunk).
    """
    kept = tuple(items)
    total = log_prior.copy()
    for item in kept:
        total += item.weight * item.likelihood
    total -= total.max(axis=0)
    probability = np.exp(total)
    probability /= probability.sum(axis=0)
    probability = (1 - misread) * probability + misread * np.exp(log_prior)
    return Posterior(probability, kept)


def without_each(log_prior: Array, items: Iterable[Item], *, misread: Array | float = 0.0) -> list[Array]:
    """Mean probability of each condition [conditions], once per finding, as if it had not been made."""
    kept = tuple(items)
    return [
        infer(log_prior, [other for other in kept if other is not item], misread=misread).probability.mean(-1)
        for item in kept
    ]


def _telling(item: Item) -> float:
    return round(float(item.likelihood.mean(axis=-1).std()), 9)


def _closed_items(tables: Tables, findings: Findings) -> Iterable[Item]:
    for feature, values in findings.closed().items():
        for value in values:
            likelihood = tables.closed[feature][CLOSED[feature].index(value)]
            family = _FAMILY_OF.get((feature, value), feature)
            yield Item(feature, value, _closed_title(feature, value), family, True, likelihood)


def _site_groups(tables: Tables, findings: Findings) -> Iterable[Item]:
    for group in findings.site_groups:
        if any(site in SITE_GROUPS[group] for site in findings.sites):
            continue  # the named site says more than the region that holds it
        rows = [CLOSED["site"].index(site) for site in SITE_GROUPS[group]]
        likelihood = np.log(np.exp(tables.closed["site"][rows]).sum(axis=0))
        yield Item("site", group, f"site {group}", "site", True, likelihood)


def _term_items(tables: Tables, findings: Findings) -> Iterable[Item]:
    for found, table, present in (
        (findings.present, tables.present, True),
        (findings.absent, tables.absent, False),
    ):
        for id, _ in found:
            term = tables.field.terms[id]
            likelihood = table[tables.term_index[id]].astype(np.float64)
            title = term.title if present else f"no {term.title}"
            yield Item("term", id, title, term.family, present, likelihood)


def _size(tables: Tables, low: float, high: float) -> Array:
    """Log density of the log size, widened by the error of reading a size by eye; the same for every draw."""
    middle = 0.5 * (math.log(low) + math.log(high))
    error = tables.field.numbers["error.closed"]
    spread = np.hypot(tables.size_sd, tables.field.numbers["size.spread"])
    own = np.exp(-0.5 * ((middle - tables.size_mu) / spread) ** 2) / spread
    broad_sd = 1.2
    broad = math.exp(-0.5 * ((middle - math.log(3.0)) / broad_sd) ** 2) / broad_sd
    density = np.where(tables.size_known, (1 - error) * own + error * broad, broad)
    return np.repeat(np.log(density)[:, None], tables.normal.shape[1], axis=1)


def _closed_title(feature: str, value: str) -> str:
    titles = {"age": "age group", "count": "number", "symptoms": "symptoms", "duration": "duration"}
    return f"{titles.get(feature, feature)} {value.replace('_', ' ')}"
