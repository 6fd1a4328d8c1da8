"""Why a condition stands where it stands: findings for and against, in order of weight."""

from __future__ import annotations

import math

import numpy as np

from milia.diagnosis.assessment import Reason
from milia.diagnosis.data import SITE_GROUPS
from milia.diagnosis.inference import Item
from milia.diagnosis.tables import Array, Tables

SMALLEST_BITS = 0.15
"""Weights below this are left out: they round to nothing."""


def reasons(
    tables: Tables, items: tuple[Item, ...], prior: Array, condition: int
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Give the findings for and against one condition, heaviest first.

    The weight of a finding is w log2( P(finding | c) / Σ_c' P(c') P(finding | c') ), means over the
    draws, with the weight w that the finding had in the inference.
    """
    found = []
    for item in items:
        likelihood = np.exp(item.likelihood).mean(axis=-1)
        ratio = likelihood[condition] / float(prior @ likelihood)
        bits = item.weight * math.log2(ratio)
        if abs(bits) >= SMALLEST_BITS:
            words, source, flag = _share(tables, item, condition)
            found.append(Reason(item.title, bits, words, source, flag))
    ordered = sorted(found, key=lambda reason: (-abs(reason.weight), reason.finding))
    return tuple(r for r in ordered if r.weight > 0), tuple(r for r in ordered if r.weight < 0)


def _share(tables: Tables, item: Item, condition: int) -> tuple[str, str, str]:
    """Words, source and flag of the table's entry behind a finding."""
    name = tables.names[condition]
    field = tables.field
    if item.feature == "size":
        size = field.sizes_mm.get(name)
        if size is None:
            return f"no size listed for {name}", "milia_default", "default"
        return f"{name} measures {size[0]:g} to {size[1]:g} mm", *field.size_sources[name]
    value = "true" if item.feature == "resolution" else item.value
    share = field.share(name, item.feature, value)
    if share is None and item.feature == "site" and item.value in SITE_GROUPS:
        listed = [s for s in SITE_GROUPS[item.value] if field.share(name, "site", s)]
        share = field.share(name, "site", listed[0]) if listed else None
        if share is not None:
            return f"{len(listed)} sites of this region listed in {name}", share.source, share.flag
    if share is None:
        return f"not listed for {name}", "milia_default", "default"
    return f"{share.words} in {name}", share.source, share.flag
