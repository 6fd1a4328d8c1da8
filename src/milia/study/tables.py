"""Rows of a study as Parquet: one for each patient and policy, the unit of every column in its metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from milia.study.cohort import Group, Person
from milia.study.plans import Plan
from milia.study.treat import Course

if TYPE_CHECKING:
    import pyarrow as pa

# name, type, unit ("" for words and yes or no), what it is
COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("patient", "int64", "1", "number of the virtual patient"),
    ("policy", "string", "", "name of the policy"),
    ("site", "string", "", "site of the milium"),
    ("device", "string", "", "laser"),
    ("skin_type", "string", "", "Fitzpatrick skin type"),
    ("sex", "string", "", "sex"),
    ("age", "double", "year", "age"),
    ("diameter", "double", "um", "true diameter of the cyst"),
    ("roof", "double", "um", "true thickness of the roof"),
    ("skin_total", "double", "um", "true thickness of epidermis and dermis"),
    ("roof_read", "double", "um", "thickness of the roof as the clinic read it"),
    ("diameter_read", "double", "um", "diameter of the cyst as the clinic read it"),
    ("group", "string", "", "group whose plan was used"),
    ("spot", "double", "um", "planned spot diameter"),
    ("energy", "double", "mJ", "planned pulse energy"),
    ("pulses_planned", "int64", "1", "pulses planned, or the most with a look after each"),
    ("inside", "bool", "", "whether the planner found its setting inside the window"),
    ("p_open_planned", "double", "1", "the planner's own chance of opening, where it computes one"),
    ("p_harm_planned", "double", "1", "the planner's own chance of harm, where it computes one"),
    ("treated", "bool", "", "whether the laser was used"),
    ("opened", "bool", "", "roof opened at least as wide as the goal when the last session ended"),
    ("opened_first", "bool", "", "the same when the first session ended"),
    ("harmed", "bool", "", "living tissue lost past a limit in any session"),
    ("severe", "bool", "", "living tissue lost past the depth at which scars were measured, in any session"),
    ("sessions", "int64", "1", "sessions"),
    ("pulses", "int64", "1", "pulses of all sessions"),
    ("opening", "double", "um", "width of the opening after the last session"),
    ("wound_width", "double", "um", "width of the widest wound"),
    ("harm_depth", "double", "um", "greatest depth of living tissue lost"),
    ("crater_depth", "double", "um", "depth of the deepest crater"),
)
NAMES = tuple(name for name, *_ in COLUMNS)
ROWS_PER_GROUP = 65536
Row = Mapping[str, Any]


def row(who: Person, group: Group, policy: str, plan: Plan, course: Course) -> Row:
    """Return one row; lengths in µm and energies in mJ, as the columns say."""
    return {
        "patient": who.number,
        "policy": policy,
        "site": who.site,
        "device": who.device,
        "skin_type": who.skin_type,
        "sex": who.sex,
        "age": who.age_years,
        "diameter": 1e6 * who.diameter_m,
        "roof": 1e6 * who.roof_m,
        "skin_total": 1e6 * who.total_m,
        "roof_read": 1e6 * who.roof_read_m,
        "diameter_read": 1e6 * who.diameter_read_m,
        "group": group.name,
        "spot": 1e6 * plan.shot.spot_diameter_m,
        "energy": 1e3 * plan.shot.pulse_energy_J,
        "pulses_planned": plan.pulses,
        "inside": plan.inside,
        "p_open_planned": plan.p_open,
        "p_harm_planned": plan.p_harm,
        "treated": course.treated,
        "opened": course.opened,
        "opened_first": course.opened_first,
        "harmed": course.harmed,
        "severe": course.severe,
        "sessions": course.sessions,
        "pulses": course.pulses,
        "opening": 1e6 * course.opening_m,
        "wound_width": 1e6 * course.wound_width_m,
        "harm_depth": 1e6 * course.harm_depth_m,
        "crater_depth": 1e6 * course.crater_depth_m,
    }


def table(rows: Sequence[Row], about: Mapping[str, str] | None = None) -> pa.Table:
    """Return rows as an Arrow table; ``about`` goes into the metadata of the whole."""
    import pyarrow as pa

    types = {"int64": pa.int64(), "double": pa.float64(), "string": pa.string(), "bool": pa.bool_()}
    fields = [
        pa.field(name, types[kind], metadata={"unit": unit, "description": words})
        for name, kind, unit, words in COLUMNS
    ]
    schema = pa.schema(fields, metadata=dict(about or {}))
    return pa.Table.from_pylist([dict(one) for one in rows], schema=schema)


def to_bytes(content: pa.Table) -> bytes:
    """Return a table as a Parquet file; the same rows give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(content, sink, compression="zstd", row_group_size=ROWS_PER_GROUP, store_schema=True)
    return bytes(sink.getvalue().to_pybytes())


def from_bytes(data: bytes) -> pa.Table:
    """Read a table that :func:`to_bytes` wrote."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.read_table(pa.BufferReader(data))
