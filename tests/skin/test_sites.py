"""The site atlas against the planning table it was built from."""

from __future__ import annotations

import pytest

from milia.base import InputError
from milia.knowledge import load_knowledge
from milia.skin import depth_limit, site, sites

# Site; stratum corneum, epidermis, papillary boundary, dermis low, typical and high, total, depth cap [µm].
TABLE = """
lid_margin                 9 36 110  200  284  330  320 106
upper_eyelid_mid_tarsal    9 35 120  550  668  770  703 233
upper_eyelid_upper_tarsal 10 42 130  580  790 1000  832 275
upper_eyelid_sub_brow     11 50 140  840 1077 1320 1127 373
lower_eyelid              10 45 130  470  760 1000  805 266
medial_canthus            10 45 130  500  760 1360  805 266
lateral_canthus           11 45 140  600  900 1430  945 313
glabella                  12 55 150  670  900 1440  955 316
forehead                  12 60 150  700  860 1450  920 305
temple                    12 55 140  610  800 1260  855 283
cheek                     15 60 150  520  870 1350  930 308
nose_dorsum               12 50 150  680  930 1190  980 324
nose_tip                  12 55 160 1300 1800 2300 1855 560
perioral                  13 63 150  900 1200 1900 1263 418
chin                      13 60 150  900 1250 1900 1310 434
neck                      13 50 140  750  985 1586 1035 343
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CASE_NAMES = {
    "upper_eyelid", "lower_eyelid", "lid_margin", "medial_canthus", "lateral_canthus", "glabella", "forehead",
    "temple", "cheek", "nose", "perioral", "chin", "neck",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_layers_and_caps_are_those_of_the_table(row: list[str]) -> None:
    corneum, epidermis, boundary, low, dermis, high, total, cap = (float(number) * 1e-6 for number in row[1:])
    here = site(row[0])
    assert here.stratum_corneum_m.value == pytest.approx(corneum)
    assert here.epidermis_m.value == pytest.approx(epidermis)
    assert here.papillary_boundary_m.value == pytest.approx(boundary)
    assert here.dermis_m.value == pytest.approx(dermis)
    assert here.total_m.value == pytest.approx(total)
    # The table's caps are whole micrometres, some of them cut rather than rounded.
    assert here.depth_limit_m == pytest.approx(cap, abs=1e-6)
    spread = load_knowledge().quantity(here.dermis_m.quantity_id).spread
    assert (spread.low, spread.high) == (pytest.approx(low * 1e6), pytest.approx(high * 1e6))


def test_every_site_of_a_case_file_is_there_and_finer_ones_point_back() -> None:
    names = {s.name for s in sites()}
    assert names >= CASE_NAMES
    assert len(names) == len(sites()) == 19
    assert all(site(name).case_name == name for name in CASE_NAMES)
    assert {s.case_name for s in sites()} == CASE_NAMES | {None}
    assert site("upper_eyelid_sub_brow").case_name == "upper_eyelid"
    assert site("upper_eyelid").total_m == site("upper_eyelid_mid_tarsal").total_m
    assert site("nose").total_m == site("nose_dorsum").total_m


def test_typical_layers_add_up_and_ranges_nest() -> None:
    for s in sites():
        assert s.epidermis_m.value + s.dermis_m.value == pytest.approx(s.total_m.value, abs=1.5e-6), s.name
        assert s.stratum_corneum_m.high < s.epidermis_m.low, s.name
        assert s.epidermis_m.high < s.papillary_boundary_m.low, s.name
        assert s.papillary_boundary_m.high < s.total_m.low, s.name


def test_rules_of_single_sites() -> None:
    assert [s.name for s in sites() if s.hard_stop] == ["lid_margin"]
    assert [s.name for s in sites() if not s.laser_allowed] == ["newborn_face"]
    assert {s.case_name for s in sites() if s.eyelid} == {"upper_eyelid", "lower_eyelid", "lid_margin"}
    assert {s.case_name for s in sites() if s.orbital and not s.eyelid} == {
        "medial_canthus",
        "lateral_canthus",
    }
    assert site("lid_margin").roof_m.value < site("cheek").roof_m.value
    assert 50e-6 <= site("cheek").roof_m.low < site("cheek").roof_m.high <= 150e-6
    assert 0.2 <= site("cheek").protrusion.low < site("cheek").protrusion.high <= 0.7


def test_depth_limit_takes_the_smaller_rule() -> None:
    assert depth_limit(1e-3) == pytest.approx(331e-6)
    assert depth_limit(5e-3) == pytest.approx(560e-6)
    for bad in (0.0, -1e-3, float("nan")):
        with pytest.raises(InputError):
            depth_limit(bad)


def test_evidence_can_be_listed() -> None:
    here = site("lid_margin")
    ids = {source.id for source in load_knowledge().references(here.evidence)}
    assert {"hwang_2006", "dunkin_2007", "milia_default"} <= ids


def test_an_unknown_site_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        site("lower_eylid")
    message = str(caught.value)
    assert "lower_eylid" in message
    assert "nearest: lower_eyelid" in message
    assert all(name in message for name in CASE_NAMES)
