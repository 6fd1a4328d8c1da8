"""The package's own numbers keep the rules of the evidence."""

from __future__ import annotations

import re

import pytest

from milia.knowledge import DATA_FOLDER, load_knowledge

FILES = sorted(DATA_FOLDER.rglob("*.yaml"))


def test_every_entry_of_every_file_is_there() -> None:
    knowledge = load_knowledge()
    listed = [
        line.split("id:", 1)[1].split(",")[0].strip(' }"')
        for path in FILES
        if path.parent.name in ("skin", "tissue", "optics", "ablation", "damage")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"^  - (\{)?id:", line)
    ]
    kept = {e.id for e in (*knowledge.sources, *knowledge.quantities(), *knowledge.statements())}
    assert len(listed) > 300
    assert set(listed) <= kept


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(DATA_FOLDER).as_posix())
def test_files_stay_readable(path: object) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400  # type: ignore[attr-defined]


def test_every_quantity_converts_and_its_range_holds_it() -> None:
    for quantity in load_knowledge().quantities():
        low, high = quantity.range_si
        assert low <= quantity.si <= high, quantity.id


def test_defaults_say_so_in_their_source() -> None:
    for quantity in load_knowledge().quantities():
        if quantity.flag == "default" and quantity.id.split(".")[0] in (
            "site",
            "lesion",
            "tissue",
            "optics",
            "ablation",
        ):
            assert "milia_default" in quantity.source, quantity.id


def test_weak_sources_give_no_number() -> None:
    knowledge = load_knowledge()
    for source in knowledge.sources:
        assert not re.search(r"droracle|sciencepedia", f"{source.citation} {source.url}", re.IGNORECASE), (
            source.id
        )
    # The only perfusion in print came from an unidentified script: the number must not be called read.
    assert knowledge.quantity("tissue.skin.perfusion").flag == "memory"
    assert knowledge.quantity("damage.pearce_collagen.ea").flag == "memory"


@pytest.mark.parametrize(
    ("id", "si"),
    [
        ("optics.10_6um.water.absorption", 85740.0),
        ("optics.10_6um.water.absorption_segelstein_1981", 84560.0),
        ("optics.10_6um.water.absorption_273k_rowe_2020", 93690.0),
        ("optics.9_6um.water.absorption", 59400.0),
        ("optics.2_94um.water.absorption", 1248000.0),
        ("ablation.heat.walsh_1989", 4.8e9),
        ("ablation.temperature", 773.15),
        ("water.latent_heat", 2.256e6),
        ("blood.density", 1050.0),
        ("limit.scar.depth", 5.6e-4),
        ("limit.scar.share_of_skin", 0.331),
        ("measured.upper_eyelid.total.hwang_2006", 7.03e-4),
        ("residual_damage.pulsed.green_1992", 8.5e-5),
    ],
)
def test_read_numbers_are_those_of_their_sources(id: str, si: float) -> None:
    quantity = load_knowledge().quantity(id)
    assert quantity.si == pytest.approx(si)
    assert quantity.flag == "read"


def test_derived_numbers_follow_from_the_read_ones() -> None:
    knowledge = load_knowledge()

    def si(id: str) -> float:
        return knowledge.quantity(id).si

    slope = (
        si("optics.10_6um.water.absorption") - si("optics.10_6um.water.absorption_273k_rowe_2020")
    ) / 25.0
    assert si("optics.10_6um.water.absorption_slope") == pytest.approx(slope, rel=5e-3)
    for key, wavelength in (("10_6um", 10.6e-6), ("9_6um", 9.6e-6), ("2_94um", 2.94e-6)):
        k = si(f"optics.{key}.water.absorption") * wavelength / (4.0 * 3.141592653589793)
        assert si(f"optics.{key}.water.extinction") == pytest.approx(k, rel=5e-3)
