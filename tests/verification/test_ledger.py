"""Incident = reflected + plume + removed + stored + lost, to 1e-12 of incident, whatever is fired."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milia.engine import PLANNING, QUICK
from milia.laser import Profile
from milia.skin import Cyst, Layer, Tissue

CYSTS = st.builds(Cyst, diameter_m=st.floats(0.3e-3, 1.5e-3), roof_m=st.floats(30e-6, 300e-6))
LAYERS = st.sampled_from(
    [
        None,
        Tissue(layers=(Layer("dermis", 3e-3),), cyst=None, evidence=()),
        Tissue(
            layers=(Layer("stratum_corneum", 15e-6), Layer("epidermis", 60e-6), Layer("fat", 2e-3)),
            cyst=None,
            evidence=(),
        ),
    ]
)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    energy_mJ=st.floats(0.05, 60.0),
    spot_um=st.floats(100.0, 2000.0),
    duration_ms=st.floats(0.05, 50.0),
    pulses=st.integers(1, 3),
    passes=st.integers(1, 2),
    wipe=st.booleans(),
    profile=st.sampled_from(Profile),
    shape=st.sampled_from(["flat", "triangular"]),
    cyst=st.none() | CYSTS,
    tissue=LAYERS,
)
def test_every_joule_is_somewhere(shot: Callable[..., object], **changes: object) -> None:
    made = shot(rule=PLANNING, accuracy=QUICK, **changes)
    run = made.fire()  # type: ignore[attr-defined]
    ledger, fields, matter = run.state.energy(), run.state.fields, run.state.matter
    assert abs(ledger.imbalance) <= 1e-12
    shots = made.pulses * made.passes  # type: ignore[attr-defined]
    assert ledger.incident == pytest.approx(1e-3 * made.energy_mJ * shots, rel=1e-9)  # type: ignore[attr-defined]
    for name in ("reflected", "plume", "removed", "steam", "lost", "stored"):
        assert getattr(ledger, name) >= -1e-12 * ledger.incident, name
    left = np.arange(matter.water_0.shape[1])[None, :] >= fields.top[:, None]
    assert np.all(fields.water[left] >= 0.0)
    assert np.all(fields.water[left] <= matter.water_0[left])
    assert np.all(fields.rise[left] > -1e-6)
    assert np.all((fields.spent >= 0.0) & (fields.spent <= 1.0))
    assert run.peak_degC >= 32.9


def test_losses_leave_the_tissue(shot: Callable[..., object]) -> None:
    """Convection, radiation and evaporation only ever cool: more of them, more lost, less stored."""
    from milia.engine import nominal_parameters

    central = nominal_parameters()
    without = {"convection": 0.0, "emissivity": 0.0, "perfusion": 0.0}
    made = shot(energy_mJ=2.0, spot_um=500.0)
    none = made.fire(central.with_values(without)).state.energy()  # type: ignore[attr-defined]
    assert none.lost == 0.0
    previous = none
    for convection in (5.0, 50.0):
        changed = central.with_values({**without, "convection": convection})
        ledger = made.fire(changed).state.energy()  # type: ignore[attr-defined]
        assert ledger.lost > previous.lost
        assert ledger.stored < previous.stored
        previous = ledger


def test_plume_takes_its_share_only_in_a_crater(shot: Callable[..., object]) -> None:
    """1 − exp(−p depth/width): nothing on a flat surface, more the deeper and narrower the crater."""
    shallow = shot(energy_mJ=1.0, spot_um=500.0).fire().state.energy()  # type: ignore[attr-defined]
    assert shallow.plume == 0.0
    shares = []
    for spot in (400.0, 200.0, 100.0):
        ledger = shot(energy_mJ=20.0, spot_um=spot).fire().state.energy()  # type: ignore[attr-defined]
        shares.append(ledger.plume / ledger.incident)
    assert shares == sorted(shares)
    assert 0.0 < shares[0] < shares[-1] < 0.9
