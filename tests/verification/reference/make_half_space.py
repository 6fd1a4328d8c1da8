"""Write half_space.csv: an absorbing half-space heated by a Gaussian beam, by adaptive quadrature.

The surface is insulated, absorption follows Beer-Lambert, properties are uniform. With a = k/(ρc) the rise
at (r, z, t) of a beam that shone from 0 to t_on is, with u = √s the square root of the age of the heat,

    μ I0/(ρc) ∫ 2u · w²/(w²+8au²) · exp(−2r²/(w²+8au²)) · D(z, u²) du,   u from √max(t−t_on, 0) to √t

where D is the answer of the half-space to an initial exp(−μz):

    D(z, s) = ½ exp(aμ²s) [exp(−μz) erfc(μ√(as) − z/(2√(as))) + exp(μz) erfc(μ√(as) + z/(2√(as)))]

(Carslaw and Jaeger 1959, Conduction of heat in solids, 2nd ed., chapter 14: Green's functions of the
half-space and of the infinite plane). The exponentials are folded into the scaled function erfcx, so
nothing overflows.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

from scipy.integrate import quad
from scipy.special import erfc, erfcx

ABSORPTION_PER_M = 55e3
RADIUS_M = 100e-6
IRRADIANCE_W_M2 = 1e6
CONDUCTIVITY = 0.4
HEAT_CAPACITY = 3.7e6
ON_S = 10e-3
POINTS_UM = ((2.5, 2.5), (2.5, 52.5), (102.5, 22.5))
TIMES_S = (10e-3, 100e-3)
DIFFUSIVITY = CONDUCTIVITY / HEAT_CAPACITY


def response(z: float, s: float) -> float:
    """Return D(z, s)."""
    mu, root = ABSORPTION_PER_M, math.sqrt(DIFFUSIVITY * s)
    if root == 0.0:
        return math.exp(-mu * z)
    near, far = mu * root - z / (2 * root), mu * root + z / (2 * root)
    gauss = math.exp(-((z / (2 * root)) ** 2))
    total = gauss * erfcx(far)
    # erfcx grows beyond double precision for very negative arguments; there the plain form is safe
    total += gauss * erfcx(near) if near > -5 else math.exp((mu * root) ** 2 - mu * z) * erfc(near)
    return 0.5 * float(total)


def rise(r: float, z: float, t: float) -> float:
    """Return the temperature rise [K] at (r, z) [m] and t [s]."""

    def integrand(u: float) -> float:
        wide = RADIUS_M**2 + 8 * DIFFUSIVITY * u * u
        return 2 * u * RADIUS_M**2 / wide * math.exp(-2 * r * r / wide) * response(z, u * u)

    low, high = math.sqrt(max(t - ON_S, 0.0)), math.sqrt(t)
    value, _ = quad(integrand, low, high, epsabs=0.0, epsrel=1e-12, limit=500)
    return ABSORPTION_PER_M * IRRADIANCE_W_M2 / HEAT_CAPACITY * float(value)


def rows() -> list[dict[str, str]]:
    return [
        {
            "time_s": f"{t:g}",
            "r_um": f"{r:g}",
            "z_um": f"{z:g}",
            "rise_K": f"{rise(1e-6 * r, 1e-6 * z, t):.10g}",
        }
        for t in TIMES_S
        for r, z in POINTS_UM
    ]


def main() -> None:
    with Path(__file__).with_name("half_space.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["time_s", "r_um", "z_um", "rise_K"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    sys.exit(main())
