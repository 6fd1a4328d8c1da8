"""How skin takes up and reflects infrared laser light."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from milia.base import InputError
from milia.knowledge import Uncertain, load_knowledge
from milia.skin.properties import FloatArray, _checked_fraction

_KEYS = ("10_6um", "9_6um", "2_94um")
_TOLERANCE_M = 0.05e-6


@dataclass(frozen=True, slots=True)
class Optics:
    """Optical constants at one wavelength, in SI.

    ``tissue_water_absorption_per_m`` and ``tissue_dry_absorption_per_m`` are the two coefficients of
    :func:`absorption_coefficient`; ``keratin_absorption_per_m`` takes the place of the second in stratum
    corneum and cyst.
    """

    wavelength_m: float
    water_absorption_per_m: Uncertain
    water_absorption_slope_per_m_K: Uncertain
    water_reference_temperature_K: float
    refractive_index: Uncertain
    extinction: Uncertain
    tissue_water_absorption_per_m: Uncertain
    tissue_dry_absorption_per_m: Uncertain
    keratin_absorption_per_m: Uncertain
    evidence: tuple[str, ...]


def wavelength_key(wavelength_m: float) -> str:
    """Return the part of a quantity's id that stands for a wavelength, such as ``10_6um``.

    Raises
    ------
    InputError
        If no optical constants are kept within 0.05 µm of that wavelength.
    """
    known = _wavelengths()
    for key, kept_m in known.items():
        if abs(kept_m - wavelength_m) <= _TOLERANCE_M:
            return key
    raise InputError(
        "no optical constants are kept for this wavelength",
        key="wavelength",
        value=f"{wavelength_m * 1e6:.4g} um",
        accepted=", ".join(f"{kept_m * 1e6:.4g} um" for kept_m in known.values()),
    )


def optics(wavelength_m: float) -> Optics:
    """Return the optical constants at a wavelength [m]; InputError if none are kept."""
    return _optics(wavelength_key(wavelength_m))


def absorption_coefficient(
    water_fraction: npt.ArrayLike,
    water_absorption_per_m: npt.ArrayLike,
    *,
    dry_absorption_per_m: npt.ArrayLike,
) -> FloatArray:
    r"""Return the absorption coefficient of tissue from its water content.

    Parameters
    ----------
    water_fraction
        Mass fraction of water [kg/kg], any shape.
    water_absorption_per_m
        Absorption per water mass fraction [1/m], a shape that broadcasts.
    dry_absorption_per_m
        Absorption of dry tissue [1/m], a shape that broadcasts.

    Returns
    -------
    ndarray
        Absorption coefficient [1/m].

    Raises
    ------
    InputError
        If a fraction is not within 0 to 1 or a coefficient is negative.

    Notes
    -----
    .. math:: \mu_a = W\,\mu_w + \mu_d

    At 10.6 µm the code cited has 510 and 170 cm⁻¹, which is 552.5 cm⁻¹ at W = 0.75. Scattering is neglected.

    References
    ----------
    .. [1] McMillan, Tissue-Ablation-MC, ch_opt.f90.
    """
    w = _checked_fraction(water_fraction)
    water = _checked_coefficient("water_absorption_per_m", water_absorption_per_m)
    dry = _checked_coefficient("dry_absorption_per_m", dry_absorption_per_m)
    return np.add(w * water, dry)


def water_absorption(
    temperature_K: npt.ArrayLike,
    reference_absorption_per_m: float,
    *,
    slope_per_m_K: float,
    reference_temperature_K: float,
) -> FloatArray:
    r"""Return the absorption coefficient of liquid water at a temperature, by a straight line.

    Parameters
    ----------
    temperature_K
        Temperature [K], any shape; from freezing to boiling.
    reference_absorption_per_m
        Absorption coefficient at the reference temperature [1/m].
    slope_per_m_K
        Its change with temperature [1/m/K].
    reference_temperature_K
        Reference temperature [K].

    Returns
    -------
    ndarray
        Absorption coefficient [1/m], same shape.

    Raises
    ------
    InputError
        If the line falls below zero within the temperatures asked for.

    Notes
    -----
    .. math:: \mu_w(T) = \mu_w(T_0) + s\,(T - T_0)

    Measurements were readable up to 25 °C only: beyond, the line is an extrapolation.

    References
    ----------
    .. [1] Hale and Querry 1973, Appl Opt 12:555.
    .. [2] Rowe et al. 2020, optical constants of supercooled water.
    """
    temperature = np.asarray(temperature_K, dtype=np.float64)
    absorption = np.add(reference_absorption_per_m, slope_per_m_K * (temperature - reference_temperature_K))
    if not np.all(absorption >= 0.0):
        raise InputError(
            "the absorption of water would be negative",
            key="temperature_K",
            value=temperature_K,
            accepted="temperatures of liquid water",
        )
    return absorption


def fresnel_reflectance(n: npt.ArrayLike, k: npt.ArrayLike) -> FloatArray:
    r"""Return the reflectance of a flat absorbing surface in air at normal incidence.

    Parameters
    ----------
    n
        Refractive index, any shape.
    k
        Extinction coefficient, a shape that broadcasts.

    Returns
    -------
    ndarray
        Reflected fraction of power.

    Raises
    ------
    InputError
        If n is not positive or k is negative.

    Notes
    -----
    .. math:: R = \frac{(n - 1)^2 + k^2}{(n + 1)^2 + k^2}

    References
    ----------
    .. [1] Born and Wolf, Principles of Optics (Fresnel equations for absorbing media).
    """
    index = np.asarray(n, dtype=np.float64)
    extinction = _checked_coefficient("k", k)
    if not np.all(index > 0.0):
        raise InputError("a refractive index must be positive", key="n", value=n, accepted="more than 0")
    squared = extinction**2
    return np.divide((index - 1.0) ** 2 + squared, (index + 1.0) ** 2 + squared)


@functools.lru_cache(maxsize=1)
def _wavelengths() -> dict[str, float]:
    return {key: load_knowledge().quantity(f"optics.{key}.wavelength").si for key in _KEYS}


@functools.cache
def _optics(key: str) -> Optics:
    knowledge = load_knowledge()

    def constant(name: str) -> Uncertain:
        return knowledge.quantity(f"optics.{key}.{name}").uncertain

    constants = {
        "water_absorption_per_m": constant("water.absorption"),
        "water_absorption_slope_per_m_K": constant("water.absorption_slope"),
        "refractive_index": constant("water.refractive_index"),
        "extinction": constant("water.extinction"),
        "tissue_water_absorption_per_m": constant("tissue.water_absorption"),
        "tissue_dry_absorption_per_m": constant("tissue.dry_absorption"),
        "keratin_absorption_per_m": constant("keratin.dry_absorption"),
    }
    reference = constant("water.reference_temperature")
    return Optics(
        wavelength_m=_wavelengths()[key],
        water_reference_temperature_K=reference.value,
        **constants,
        evidence=(*(c.quantity_id for c in constants.values()), reference.quantity_id),
    )


def _checked_coefficient(key: str, value: npt.ArrayLike) -> FloatArray:
    coefficient = np.asarray(value, dtype=np.float64)
    if not np.all(coefficient >= 0.0):
        raise InputError("a coefficient cannot be negative", key=key, value=value, accepted="0 or more")
    return coefficient
