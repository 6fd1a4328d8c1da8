"""Write damage.csv: Arrhenius integrals over linear temperature ramps, by adaptive quadrature.

    Ω = ∫ A exp(−Ea/(R T(t))) dt,   T(t) = T0 + (T1 − T0) t/τ

with R = 8.314462618 J/mol/K. A and Ea are those of the package's knowledge base, which
the test checks.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

from scipy.integrate import quad

GAS_CONSTANT = 8.314462618
# name, A [1/s], Ea [J/mol], T0 [°C], T1 [°C], τ [s]
RAMPS = (
    ("skin", 3.1e98, 6.28e5, 55.0, 75.0, 0.02),
    ("skin", 3.1e98, 6.28e5, 70.0, 50.0, 0.1),
    ("skin", 3.1e98, 6.28e5, 60.0, 60.0, 1.0),
    ("collagen", 1.606e45, 3.06e5, 70.0, 110.0, 0.01),
)


def omega(a: float, ea: float, t0: float, t1: float, tau: float) -> float:
    def rate(t: float) -> float:
        kelvin = 273.15 + t0 + (t1 - t0) * t / tau
        return math.exp(math.log(a) - ea / (GAS_CONSTANT * kelvin))

    value, _ = quad(rate, 0.0, tau, epsabs=0.0, epsrel=1e-12, limit=500)
    return float(value)


def rows() -> list[dict[str, str]]:
    made = []
    for name, a, ea, t0, t1, tau in RAMPS:
        numbers = {"A_per_s": a, "Ea_J_mol": ea, "start_degC": t0, "end_degC": t1, "duration_s": tau}
        value = {"omega": f"{omega(a, ea, t0, t1, tau):.10g}"}
        made.append({"set": name, **{key: f"{number:g}" for key, number in numbers.items()}, **value})
    return made


def main() -> None:
    made = rows()
    with Path(__file__).with_name("damage.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(made[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(made)


if __name__ == "__main__":
    sys.exit(main())
