"""Samples the tables of shares once, so that every probability carries the tables' own uncertainty."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milia.diagnosis.data import CLOSED, OTHER, Field, Share, grade_range, load_field
from milia.knowledge import load_knowledge

Array = NDArray[np.float64]

SAMPLES = 200
"""Draws of the tables; the 5 % and 95 % points then rest on ten draws each side."""

_Z90 = 1.6448536269514722
_EDGE = 1e-4


@dataclass(frozen=True, eq=False)
class Tables:
    """Sampled shares: conditions along the last axis but one, draws along the last.

    ``closed[feature]`` is log P(answer | condition) [answers, conditions, draws]; the answers sum to one.
    ``present`` and ``absent`` are log P(term recorded | condition) and its complement [terms, conditions,
    draws].
    """

    field: Field
    names: tuple[str, ...]
    groups: tuple[str, ...]
    group_of: NDArray[np.int64]
    membership: Array
    must: NDArray[np.bool_]
    term_index: dict[str, int]
    closed: dict[str, Array]
    closed_mean: dict[str, Array]
    present: NDArray[np.float32]
    absent: NDArray[np.float32]
    term_mean: Array
    resolution: Array
    size_mu: Array
    size_sd: Array
    size_known: NDArray[np.bool_]
    normal: Array
    misread: Array


@functools.lru_cache(maxsize=4)
def load_tables(seed: int = 0) -> Tables:
    """Sample all tables; the same seed gives the same draws."""
    return build_tables(load_field(), seed=seed)


def build_tables(field: Field, *, seed: int = 0, samples: int = SAMPLES) -> Tables:
    """Sample the tables of a field of knowledge.

    Parameters
    ----------
    field
        Conditions, shares and terms.
    seed
        Seed of the draws.
    samples
        Number of draws.
    """
    rng = np.random.default_rng([20, seed])
    names = tuple(c.name for c in field.conditions)
    groups = tuple(dict.fromkeys(c.group for c in field.conditions))
    group_of = np.array([groups.index(c.group) for c in field.conditions])
    closed = {f: _closed(field, f, names, rng, samples) for f in CLOSED}
    terms = tuple(field.terms)
    share, term_mean = _terms(field, terms, names, rng, samples)
    sizes = [field.sizes_mm.get(name) for name in names]
    resolution = _resolution(field, names, rng, samples)
    return Tables(
        field=field,
        names=names,
        groups=groups,
        group_of=group_of,
        membership=np.eye(len(groups))[group_of],
        must=np.array([c.refer == "must" for c in field.conditions]),
        term_index={term: i for i, term in enumerate(terms)},
        closed={f: np.log(p) for f, p in closed.items()},
        closed_mean={f: p.mean(axis=-1) for f, p in closed.items()},
        present=np.log(share),
        absent=np.log1p(-share),
        term_mean=term_mean,
        resolution=resolution,
        size_mu=np.array([_centre(s) for s in sizes]),
        size_sd=np.array([_width(s) for s in sizes]),
        size_known=np.array([s is not None for s in sizes]),
        normal=rng.standard_normal((len(names), samples)),
        misread=logit_draws(*grade_range("misread", prefix="error"), rng.standard_normal(samples)),
    )


def logit_draws(value: float, low: float, high: float, normal: Array) -> Array:
    """Give draws of a share whose 90 % range is ``low`` to ``high`` around ``value``.

    A logistic-normal law: the logit of the share is normal, with its own width below and above the value.
    """
    centre, bottom, top = (_logit(x) for x in (value, low, high))
    width = np.where(normal < 0, max(centre - bottom, 1e-6), max(top - centre, 1e-6)) / _Z90
    drawn: Array = 1.0 / (1.0 + np.exp(-(centre + width * normal)))
    return drawn


def _logit(share: float) -> float:
    clipped = min(max(share, _EDGE), 1 - _EDGE)
    return math.log(clipped / (1 - clipped))


def _closed(
    field: Field, feature: str, names: tuple[str, ...], rng: np.random.Generator, samples: int
) -> Array:
    """P(answer | condition): drawn shares made to sum to one, mixed with the chance of a wrong word."""
    answers = CLOSED[feature]
    unlisted = Share(*grade_range("unlisted"), "not listed", "milia_default", "default")
    normal = rng.standard_normal((len(answers), len(names), samples))
    share = np.full(normal.shape, np.nan)
    for c, name in enumerate(names):
        if any(field.share(name, feature, answer) for answer in answers):
            for a, answer in enumerate(answers):
                entry = field.share(name, feature, answer) or unlisted
                share[a, c] = logit_draws(entry.value, entry.low, entry.high, normal[a, c])
    share /= share.sum(axis=0, keepdims=True)
    blank = np.isnan(share[0, :, 0])
    known = share[:, ~blank] if not blank.all() else np.full((len(answers), 1, samples), 1 / len(answers))
    background = known.mean(axis=(1, 2))
    share[:, blank] = background[:, None, None]
    error = field.numbers["error.fact" if feature in ("age", "sex", "count") else "error.closed"]
    mixed: Array = (1 - error) * share + error * background[:, None, None]
    return mixed


def _terms(
    field: Field, terms: tuple[str, ...], names: tuple[str, ...], rng: np.random.Generator, samples: int
) -> tuple[NDArray[np.float32], Array]:
    """P(term recorded | condition): the term's background where the table is silent."""
    place = {name: i for i, name in enumerate(names)}
    share = np.empty((len(terms), len(names), samples), dtype=np.float32)
    backgrounds = {b: grade_range(b, prefix="background") for b in ("specific", "uncommon", "common")}
    normal = rng.standard_normal((len(terms), samples))
    for t, term in enumerate(terms):
        share[t] = logit_draws(*backgrounds[field.terms[term].background], normal[t])
    base = share[:, 0, :].copy()
    entries = [(k, s) for k, s in field.shares.items() if k[1] == "term"]
    own = rng.standard_normal((len(entries), samples))
    index = {term: t for t, term in enumerate(terms)}
    for (key, entry), draw in zip(entries, own, strict=True):
        share[index[key[2]], place[key[0]]] = logit_draws(entry.value, entry.low, entry.high, draw)
    error = field.numbers["error.term"]
    mixed = (1 - error) * share + error * base[:, None, :]
    return mixed, mixed.mean(axis=-1, dtype=np.float64)


def _resolution(field: Field, names: tuple[str, ...], rng: np.random.Generator, samples: int) -> Array:
    """P(goes by itself | condition)."""
    rarely = grade_range("rarely")
    normal = rng.standard_normal((len(names), samples))
    share = np.empty_like(normal)
    for c, name in enumerate(names):
        entry = field.share(name, "resolution", "true")
        triple = (entry.value, entry.low, entry.high) if entry else rarely
        share[c] = logit_draws(*triple, normal[c])
    error = field.numbers["error.closed"]
    mixed: Array = (1 - error) * share + error * 0.5
    return mixed


def _centre(size: tuple[float, float] | None) -> float:
    low, high = size or (0.5, 20.0)
    return 0.5 * (math.log(low) + math.log(high))


def _width(size: tuple[float, float] | None) -> float:
    low, high = size or (0.5, 20.0)
    return math.log(high / low) / (2 * _Z90)


@functools.lru_cache(maxsize=16)
def prior_classes(setting: str) -> dict[str, tuple[float, float]]:
    """Relative weight and its 90 % factor of each class of frequency in a setting."""
    made = {}
    for quantity in load_knowledge().quantities(f"diagnosis.prior.{setting}"):
        made[quantity.id.rsplit(".", 1)[1]] = (quantity.value, quantity.spread.factor or 1.0)
    return made


__all__ = [
    "OTHER",
    "SAMPLES",
    "Array",
    "Tables",
    "build_tables",
    "load_tables",
    "logit_draws",
    "prior_classes",
]
