"""The posterior file: whole, in step with the engine, and drawn from with its correlations."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from milia.base import MiliaError
from milia.calibration import (
    DAMAGE_SCALE_NAME,
    ENERGY_SCALE_NAME,
    POSTERIOR_NAME,
    PRIOR_NAME,
    UNCERTAIN,
    Draws,
    draw_parameters,
    draw_values,
    fingerprint,
    in_words,
    load_draws,
    parameter_set,
    prior,
    simulate,
)
from milia.calibration.measurements import read_measurements
from milia.calibration.posterior import FOLDER, copula_of, write_draws
from milia.calibration.sets import central_parameters
from milia.engine import UNCALIBRATED
from milia.knowledge import load_knowledge

from .conftest import EXPOSURE

NAMES = (*UNCERTAIN, "cell_death", ENERGY_SCALE_NAME, DAMAGE_SCALE_NAME)


def test_the_file_holds_what_plans_draw() -> None:
    draws = load_draws()
    assert set(NAMES) <= set(draws.names)
    assert len(draws.values) == draws.provenance["draws"] >= 512
    assert np.isfinite(draws.values).all()
    priors = {m.name: m for m in prior()}
    for name in (*UNCERTAIN, "cell_death"):
        if priors[name].kind == "uniform":
            low, high = sorted((priors[name].a, priors[name].b))
            assert draws.column(name).min() >= low * (1 - 1e-6) - 1e-9 * abs(low), name
            assert draws.column(name).max() <= high + 1e-6 * abs(high), name
    assert (draws.column(ENERGY_SCALE_NAME) > 0.0).all()


def test_provenance_names_the_rows_and_what_they_rest_on() -> None:
    told = load_draws().provenance
    assert told["rows"] == sorted({row.row for row in read_measurements() if row.role == "fit"})
    known = load_knowledge()
    assert {known.statement(id).id for id in told["evidence"]} == {
        f"experiment.{row.study}" for row in read_measurements() if row.role == "fit"
    }
    assert known.references(told["evidence"])
    assert told["sampler"]["r_hat_worst"] < 1.05
    assert told["sampler"]["effective_samples"] > 500


def test_the_posterior_belongs_to_this_engine_and_to_these_rows() -> None:
    """Fails when engine, knowledge or rows changed: run ``python -m validation.ablation --rebuild``."""
    assert fingerprint.stale(load_draws().provenance["made_with"]) == ()


def test_a_change_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = dict(load_draws().provenance["made_with"])
    assert "rows" in fingerprint.stale({**made, "rows": "other"})[0]
    assert "number" in fingerprint.stale({**made, "knowledge": "other"})[0]
    assert fingerprint.stale({}) != ()
    # other code with the same craters is the same engine; other craters are not
    monkeypatch.setattr(fingerprint, "probes", lambda: made["probes"])
    assert fingerprint.stale({**made, "engine": "other"}) == ()
    changed = {name: 1.06 * value + 3.0 for name, value in made["probes"].items()}
    assert len(fingerprint.stale({**made, "engine": "other", "probes": changed})) == len(changed)


def test_the_digest_of_the_engine_ignores_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "engine"
    shutil.copytree(
        Path(fingerprint.milia.engine.__file__).parent, folder, ignore=shutil.ignore_patterns("*.nb*")
    )
    monkeypatch.setattr(fingerprint.milia.engine, "__file__", str(folder / "__init__.py"))
    before = fingerprint.engine_digest()
    point = folder / "kernels" / "point.py"
    text = point.read_text(encoding="utf-8")
    point.write_text('"""Other words."""\n# a comment\n' + text.split('"""', 2)[2], encoding="utf-8")
    assert fingerprint.engine_digest() == before
    point.write_text(
        text.replace("WATER_DENSITY_KG_M3 = 1000.0", "WATER_DENSITY_KG_M3 = 1001.0"), encoding="utf-8"
    )
    assert fingerprint.engine_digest() != before


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    for suffix in (".csv", ".yaml"):
        shutil.copy(FOLDER / f"{POSTERIOR_NAME}{suffix}", tmp_path)
    load_draws.__wrapped__(POSTERIOR_NAME, tmp_path)
    path = tmp_path / f"{POSTERIOR_NAME}.csv"
    content = bytearray(path.read_bytes())
    content[-5] = ord("1") if content[-5] != ord("1") else ord("2")
    path.write_bytes(content)
    with pytest.raises(MiliaError, match="checksum"):
        load_draws.__wrapped__(POSTERIOR_NAME, tmp_path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((20, 2))
    write_draws(Draws("set", ("a", "b"), values, {"evidence": ["x"]}), tmp_path)
    again = load_draws.__wrapped__("set", tmp_path)
    np.testing.assert_allclose(again.values, values, rtol=1e-6)
    assert again.provenance["evidence"] == ["x"]


def test_the_same_seed_gives_the_same_members_only() -> None:
    assert draw_values(16, seed=3) == draw_values(16, seed=3)
    assert draw_values(16, seed=3) != draw_values(16, seed=4)
    assert draw_values(8, seed=3) == draw_values(32, seed=3)[:8]
    assert draw_parameters(4, seed=3) == draw_parameters(4, seed=3)


def test_marginals_and_correlations_are_those_of_the_draws() -> None:
    draws = load_draws()
    members = draw_values(512, seed=1)
    columns = {name: np.array([m[name] for m in members]) for name in NAMES}
    for name in NAMES:
        assert stats.ks_2samp(columns[name], draws.column(name)).pvalue > 1e-3, name
    own = np.column_stack([draws.column(name) for name in NAMES])
    found = stats.spearmanr(np.column_stack([columns[name] for name in NAMES])).statistic
    wanted = stats.spearmanr(own).statistic
    strongest = np.abs(wanted - np.eye(len(NAMES))).max()
    assert strongest > 0.15  # there is something to keep
    np.testing.assert_allclose(found, wanted, atol=0.12)


def test_a_copula_of_independent_columns_stays_independent() -> None:
    values = np.random.default_rng(2).uniform(size=(4000, 3))
    marginals, correlation = copula_of(Draws("x", ("a", "b", "c"), values, {}), ("a", "b", "c"))
    np.testing.assert_allclose(correlation, np.eye(3), atol=0.06)
    u = np.array([0.0, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(marginals[1].quantile(u), np.quantile(values[:, 1], u), atol=1e-3)
    assert np.all(np.diff(marginals[0].quantile(np.linspace(0, 1, 999))) >= 0.0)
    low, high = marginals[2].band
    assert 0.03 < low < 0.07
    assert 0.93 < high < 0.97
    assert not marginals[2].certain


def at(wavelength: str, **more: Any) -> dict[str, Any]:
    return {**EXPOSURE, "laser": {**EXPOSURE["laser"], "wavelength": wavelength}, **more}


def test_a_simulation_says_what_it_is_calibrated_on() -> None:
    done = simulate(at("10.6 um", uncertainty=8), seed=1)
    assert done.warnings[0] == in_words(10.6e-6)
    assert POSTERIOR_NAME in done.warnings[0]
    told = load_draws().provenance["validation"]
    for words in ("{covered} of {points} measured", "{covered_widened} of {points} ("):
        assert words.format(**told) in done.warnings[0]
    assert UNCALIBRATED not in done.warnings
    assert done.provenance["parameter_sets"] == [POSTERIOR_NAME]
    assert set(load_draws().provenance["evidence"]) <= set(done.provenance["evidence"])
    found = done.to_dict()["crater_depth_um"]
    assert found["p05"] < found["p50"] < found["p95"]
    assert done.to_dict() == simulate(at("10.6 um", uncertainty=8), seed=1).to_dict()


def test_other_wavelengths_stay_at_their_prior_and_say_so() -> None:
    chosen = parameter_set(9.6e-6)
    assert chosen.name == PRIOR_NAME
    assert not chosen.calibrated
    done = simulate(at("9.6 um", uncertainty=4))
    assert done.provenance["parameter_sets"] == [PRIOR_NAME]
    assert "9.6 µm" in done.warnings[0]
    assert "not been calibrated" in done.warnings[0]
    assert {ENERGY_SCALE_NAME, DAMAGE_SCALE_NAME} <= set(chosen.names)


def test_the_centre_of_the_posterior_is_a_parameter_set() -> None:
    centre = central_parameters(10.6e-6)
    draws = load_draws()
    assert centre.decomposition_heat == pytest.approx(np.median(draws.column("decomposition_heat")), rel=1e-3)
    centre.phase(306.0)
    assert simulate(EXPOSURE).provenance["parameter_sets"] == [f"{POSTERIOR_NAME} (centre)"]
