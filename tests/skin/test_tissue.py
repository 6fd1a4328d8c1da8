"""Layered tissue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milia.base import InputError
from milia.skin import Cyst, Layer, Tissue, material, materials, site, sites, tissue_at

ORDER = ("stratum_corneum", "epidermis", "papillary_dermis", "dermis", "fat")


def test_layers_of_the_cheek() -> None:
    tissue = tissue_at(site("cheek"), cyst=Cyst(diameter_m=1e-3, roof_m=90e-6))
    assert tuple(layer.material for layer in tissue.layers) == ORDER
    thicknesses = [layer.thickness_m * 1e6 for layer in tissue.layers]
    assert thicknesses == pytest.approx([15, 45, 90, 780, 2070])
    assert tissue.cyst == Cyst(1e-3, 90e-6)
    assert {"tissue.keratin.density", "site.cheek.total.thickness"} <= set(tissue.evidence)
    assert "tissue.keratin.density" not in tissue_at(site("cheek")).evidence


@given(
    name=st.sampled_from([s.name for s in sites()]),
    corneum=st.floats(1e-6, 50e-6),
    cells=st.floats(1e-6, 200e-6),
    dermis=st.floats(1e-6, 3e-3),
    depth=st.floats(1e-6, 10e-3),
)
def test_thicknesses_are_positive_and_add_up(
    name: str, corneum: float, cells: float, dermis: float, depth: float
) -> None:
    total = corneum + cells + dermis
    tissue = tissue_at(
        site(name), stratum_corneum_m=corneum, epidermis_m=corneum + cells, total_m=total, depth_m=depth
    )
    assert all(layer.thickness_m > 0.0 for layer in tissue.layers)
    assert tissue.depth_m == pytest.approx(depth, rel=1e-12)
    found = tuple(layer.material for layer in tissue.layers)
    assert found == ORDER[: len(found)]
    skin = sum(layer.thickness_m for layer in tissue.layers if layer.material != "fat")
    assert skin == pytest.approx(min(total, depth))


def test_a_thinner_skin_keeps_the_papillary_share() -> None:
    here = site("cheek")
    whole, half = tissue_at(here), tissue_at(here, total_m=(60 + 435) * 1e-6)
    assert half.layers[2].thickness_m == pytest.approx(whole.layers[2].thickness_m / 2)


@pytest.mark.parametrize(
    ("given_m", "key"),
    [
        ({"stratum_corneum_m": 70e-6}, "epidermis_m"),
        ({"epidermis_m": 10e-6}, "epidermis_m"),
        ({"total_m": 50e-6}, "total_m"),
        ({"total_m": float("nan")}, "total_m"),
        ({"stratum_corneum_m": -1e-6}, "stratum_corneum_m"),
        ({"depth_m": 0.0}, "depth_m"),
        ({"depth_m": float("inf")}, "depth_m"),
    ],
)
def test_layers_that_do_not_nest_are_refused(given_m: dict[str, float], key: str) -> None:
    with pytest.raises(InputError, match=key):
        tissue_at(site("cheek"), **given_m)  # type: ignore[arg-type]


def test_parts_check_themselves() -> None:
    with pytest.raises(InputError, match="diameter_m"):
        Cyst(diameter_m=0.0, roof_m=90e-6)
    with pytest.raises(InputError, match="roof_m"):
        Cyst(diameter_m=1e-3, roof_m=float("nan"))
    with pytest.raises(InputError, match="nearest: dermis"):
        Layer("derms", 1e-3)
    with pytest.raises(InputError, match="thickness_m"):
        Layer("dermis", -1.0)
    with pytest.raises(InputError, match="layers"):
        Tissue(())


def test_only_dead_material_may_burn_without_harm() -> None:
    assert {m.name for m in materials() if not m.living} == {"stratum_corneum", "keratin"}
    assert {m.name for m in materials()} == {*ORDER, "keratin", "porcine_skin"}
    assert material("dermis").density_kg_m3.value == 1116.0
    assert material("epidermis").density_kg_m3.value == 1150.0
    assert material("fat").water_fraction.value < material("dermis").water_fraction.value
