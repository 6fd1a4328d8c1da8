"""The beam: how its power is spread over the skin and how it widens away from its focus."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from milia.base import InputError, format_quantity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Beam", "Profile", "peak_factor"]


class Profile(StrEnum):
    """Shape of the irradiance over the spot."""

    GAUSSIAN = "gaussian"
    SUPER_GAUSSIAN = "super_gaussian"
    TOP_HAT = "top_hat"


def peak_factor(profile: Profile, order: float = 2.0) -> float:
    r"""Give the ratio of the fluence on the axis to the mean fluence over the spot.

    Parameters
    ----------
    profile
        Shape of the beam.
    order
        Exponent n of the super-Gaussian [-]; ignored by the other two.

    Returns
    -------
    float
        2 for a Gaussian, 1 for a top-hat [-].

    Notes
    -----
    The irradiance is :math:`I = I_0 \exp(-2 (r/w)^n)`; its integral over the plane is
    :math:`I_0\, \pi w^2\, 2 \Gamma(2/n) / (n\, 2^{2/n})`; n = 2 gives the Gaussian :math:`I_0 \pi w^2 / 2`.
    """
    if profile is Profile.TOP_HAT:
        return 1.0
    n = 2.0 if profile is Profile.GAUSSIAN else order
    return float(n * 2.0 ** (2.0 / n) / (2.0 * math.gamma(2.0 / n)))


@dataclass(frozen=True, slots=True)
class Beam:
    """One beam at the skin.

    Parameters
    ----------
    spot_diameter_m
        Diameter at the focus [m]: 1/e² for Gaussian and super-Gaussian, full width for top-hat.
    wavelength_m
        Wavelength in vacuum [m].
    profile
        Shape of the irradiance.
    order
        Exponent n of a super-Gaussian, exp(−2 (r/w)ⁿ) [-]; 2 is a Gaussian.
    focus_offset_m
        Depth of the focus below the skin's surface [m]; negative above it.
    m2
        Beam quality factor [-], 1 for a diffraction-limited Gaussian.
    """

    spot_diameter_m: float
    wavelength_m: float = 10.6e-6
    profile: Profile = Profile.GAUSSIAN
    order: float = 2.0
    focus_offset_m: float = 0.0
    m2: float = 1.0

    def __post_init__(self) -> None:
        _within("beam.spot_diameter", self.spot_diameter_m, 1e-6, 2e-2, "m")
        _within("beam.wavelength", self.wavelength_m, 1e-7, 2e-5, "m")
        _within("beam.order", self.order, 2.0, 100.0, "1")
        _within("beam.focus_offset", self.focus_offset_m, -0.1, 0.1, "m")
        _within("beam.m2", self.m2, 1.0, 1000.0, "1")
        object.__setattr__(self, "profile", Profile(self.profile))

    @property
    def radius_m(self) -> float:
        """Half the spot diameter [m]."""
        return 0.5 * self.spot_diameter_m

    @property
    def area_m2(self) -> float:
        """Area of the spot [m²]."""
        return math.pi * self.radius_m**2

    @property
    def rayleigh_m(self) -> float:
        """Distance from the focus at which the spot's area has doubled [m]: π w² / (M² λ)."""
        return self.area_m2 / (self.m2 * self.wavelength_m)

    def radius_at(self, z: ArrayLike) -> Any:
        r"""Give the beam's radius at a depth.

        Parameters
        ----------
        z
            Depth below the undisturbed surface [m], any shape.

        Returns
        -------
        float or array
            Radius [m], shape of ``z``.

        Notes
        -----
        :math:`w(z) = w_0 \sqrt{1 + ((z - z_f)/z_R)^2}`, :math:`z_R = \pi w_0^2 / (M^2 \lambda)` (ISO 11146).
        A top-hat follows the same law here with its half width for :math:`w_0`; the softening of its edge is
        not represented.
        """
        import numpy as np

        away = (np.asarray(z, dtype=float) - self.focus_offset_m) / self.rayleigh_m
        radius = self.radius_m * np.sqrt(1.0 + away * away)
        return float(radius) if radius.ndim == 0 else radius

    def encircled(self, r: ArrayLike, *, radius_m: float | None = None) -> NDArray[Any]:
        r"""Give the fraction of the power within a distance from the axis.

        Parameters
        ----------
        r
            Distance from the axis [m], any shape, not negative.
        radius_m
            Radius of the beam there [m], such as from `radius_at`; the radius at the focus if left out.

        Returns
        -------
        array
            Fraction [-], shape of ``r``, from 0 to 1.

        Notes
        -----
        Gaussian :math:`1 - \exp(-2 (r/w)^2)`; top-hat :math:`\min(1, (r/w)^2)`; super-Gaussian
        :math:`P(2/n,\, 2 (r/w)^n)` with the regularised lower incomplete gamma function P.
        """
        import numpy as np

        x = np.asarray(r, dtype=float) / (self.radius_m if radius_m is None else radius_m)
        if self.profile is Profile.GAUSSIAN:
            return np.asarray(-np.expm1(-2.0 * x * x))
        if self.profile is Profile.TOP_HAT:
            return np.minimum(1.0, x * x)
        from scipy.special import gammainc

        return np.asarray(gammainc(2.0 / self.order, 2.0 * x**self.order))

    def mean_fluence(self, pulse_energy_J: float) -> float:
        """Give the energy over the area of the spot [J/m²]."""
        return pulse_energy_J / self.area_m2

    def peak_fluence(self, pulse_energy_J: float) -> float:
        """Give the fluence on the axis at the focus [J/m²]; twice the mean for a Gaussian."""
        return peak_factor(self.profile, self.order) * self.mean_fluence(pulse_energy_J)


def _within(key: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise InputError(
            "the value is out of range",
            key=key,
            value=value,
            accepted=f"{format_quantity(low, unit)} to {format_quantity(high, unit)}",
        )
