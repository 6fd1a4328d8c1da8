"""Heat flux through a border of layers is continuous: two layers heated steadily from above.

With all walls insulated and a flux Q absorbed at the surface, every cell ends up warming at the same rate,
and the flux at depth z is what lies below needs: q(z) = Q (1 − H(z)/H(L)), H the heat capacity above z. The
drop between two depths is ∫ q/k dz, piecewise quadratic; that of the lower layer alone depends on the flux
that comes through the border.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from milia.engine import Grid
from milia.engine.linear import equal_steps, march_plain, plain_state
from milia.laser import Beam, Profile

BORDER, DEPTH, FLUX = 0.1e-3, 0.3e-3, 2e4
K = (0.2, 0.6)
HEAT = (1.5e6, 3.9e6)
TOTAL = HEAT[0] * BORDER + HEAT[1] * (DEPTH - BORDER)


def flux_over_conductivity(z: float) -> float:
    above = HEAT[0] * min(z, BORDER) + HEAT[1] * max(z - BORDER, 0.0)
    return FLUX * (1.0 - above / TOTAL) / (K[0] if z < BORDER else K[1])


@pytest.mark.parametrize(("low", "high"), [(20e-6, 80e-6), (80e-6, 120e-6), (120e-6, 280e-6)])
def test_drop_of_temperature(low: float, high: float) -> None:
    edges = np.linspace(0.0, DEPTH, 76)
    on = Grid(np.array([0.0, 1e-3]), edges)
    upper = on.z_mid < BORDER
    state = plain_state(
        on,
        conductivity=np.where(upper, *K),
        heat_capacity=np.where(upper, *HEAT),
        absorption=1e9,
    )
    slowest = DEPTH**2 / (math.pi**2 * min(K) / max(HEAT))
    beam = Beam(spot_diameter_m=2e-3, profile=Profile.TOP_HAT)
    march_plain(
        state, 15.0 * slowest, beam=beam, power_W=FLUX * beam.area_m2, accuracy=equal_steps(slowest / 20)
    )
    a, b = (int(np.searchsorted(edges, depth)) for depth in (low, high))
    drop = float(state.fields.rise[0, a] - state.fields.rise[0, b])
    exact, _ = quad(flux_over_conductivity, on.z_mid[a], on.z_mid[b], points=[BORDER], epsrel=1e-10)
    assert drop == pytest.approx(exact, rel=5e-4)
