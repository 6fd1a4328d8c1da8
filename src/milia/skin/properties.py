r"""Thermal properties of skin as laws of its water content: one published model per function.

The three laws are those of Choi and Welch 2001 as coded by McMillan (Tissue-Ablation-MC), and their
coefficients are the quantities ``tissue.law.*``. Measured conductivities
are lower (``tissue.*.conductivity.*``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from milia.base import InputError
from milia.knowledge import load_knowledge

FloatArray = npt.NDArray[np.float64]


def density(water_fraction: npt.ArrayLike) -> FloatArray:
    r"""Return the density of tissue from its water content.

    Parameters
    ----------
    water_fraction
        Mass fraction of water [kg/kg], any shape.

    Returns
    -------
    ndarray
        Density [kg/m³], same shape.

    Raises
    ------
    InputError
        If a fraction is not within 0 to 1.

    Notes
    -----
    .. math:: \rho = \frac{\rho_w}{W + 0.649\,(1 - W)}

    References
    ----------
    .. [1] McMillan, Tissue-Ablation-MC, thermalConst_mod.f90, after Choi and Welch 2001.
    """
    w = _checked_fraction(water_fraction)
    return np.divide(_law("density.water"), w + _law("density.dry_specific_volume_ratio") * (1.0 - w))


def specific_heat(water_fraction: npt.ArrayLike) -> FloatArray:
    r"""Return the specific heat of tissue from its water content.

    Parameters
    ----------
    water_fraction
        Mass fraction of water [kg/kg], any shape.

    Returns
    -------
    ndarray
        Specific heat [J/kg/K], same shape.

    Raises
    ------
    InputError
        If a fraction is not within 0 to 1.

    Notes
    -----
    .. math:: c = 4200\,W + 1090\,(1 - W)

    References
    ----------
    .. [1] McMillan, Tissue-Ablation-MC, thermalConst_mod.f90, after Choi and Welch 2001.
    """
    w = _checked_fraction(water_fraction)
    return np.add(_law("specific_heat.water") * w, _law("specific_heat.dry") * (1.0 - w))


def thermal_conductivity(water_fraction: npt.ArrayLike, density_kg_m3: npt.ArrayLike) -> FloatArray:
    r"""Return the thermal conductivity of tissue from its water content and density.

    Parameters
    ----------
    water_fraction
        Mass fraction of water [kg/kg], any shape.
    density_kg_m3
        Density [kg/m³], a shape that broadcasts.

    Returns
    -------
    ndarray
        Thermal conductivity [W/m/K].

    Raises
    ------
    InputError
        If a fraction is not within 0 to 1 or a density is not positive.

    Notes
    -----
    .. math:: k = \rho\,\left(6.28\times10^{-4}\,W + 1.17\times10^{-4}\,(1 - W)\right)

    References
    ----------
    .. [1] McMillan, Tissue-Ablation-MC, thermalConst_mod.f90, after Choi and Welch 2001.
    """
    w = _checked_fraction(water_fraction)
    rho = np.asarray(density_kg_m3, dtype=np.float64)
    if not np.all(rho > 0.0):
        raise InputError(
            "a density must be positive", key="density_kg_m3", value=density_kg_m3, accepted="more than 0"
        )
    per_density = _law("conductivity.water_per_density") * w + _law("conductivity.dry_per_density") * (
        1.0 - w
    )
    return np.multiply(rho, per_density)


def _law(name: str) -> float:
    return load_knowledge().quantity(f"tissue.law.{name}").si


def _checked_fraction(water_fraction: npt.ArrayLike) -> FloatArray:
    w = np.asarray(water_fraction, dtype=np.float64)
    if not np.all((w >= 0.0) & (w <= 1.0)):
        raise InputError(
            "a water content is out of range", key="water_fraction", value=water_fraction, accepted="0 to 1"
        )
    return w
