"""Point physics: what one cell does, whatever the geometry around it."""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from milia.engine.kernels.arrays import Array

WATER_DENSITY_KG_M3 = 1000.0
STEFAN_BOLTZMANN_W_M2_K4 = 5.670374419e-8
DECOMPOSITION_RANGE_K = 10.0  # width given to an isothermal change so that heat capacity stays finite
BOILING_K = 373.15  # of water at one atmosphere: as far as the Magnus formula is used
FORGOTTEN = -30.0  # logarithm of a damage rate [1/s] that does nothing in days
NEAR_K = 1e-9  # a cell this close to its bound sits on it
A3, A5, A7, A9 = 1.0 / 6.0, 1.0 / 120.0, 1.0 / 5040.0, 1.0 / 362880.0  # of sinh(h)/h


class Phase(NamedTuple):
    """What turns enthalpy into temperature; apart from the rest because every cell asks for it."""

    water_heat: float  # specific heat of liquid water in tissue, J/kg/K
    vapour: float  # enthalpy carried off by a kilogram of steam, from the initial temperature, J/kg
    boil_start: float  # rises, K
    boil_end: float
    ablation_rise: float
    ablation_heat: float  # taken up beyond bringing dry matter to ablation_rise, J/m³


class Physics(NamedTuple):
    """Uniform parameters of one run, SI; temperatures ``*_rise`` count from the initial one."""

    initial_K: float
    water_conductivity: float  # W/m/K per kg/m³ of water
    water_absorption_per_m: float  # of pure water at 25 °C
    water_absorption_slope_per_K: float  # relative fall per kelvin
    reference_rise: float  # rise at which water_absorption_per_m holds (25 °C)
    slope_limit_rise: float  # the fall is not extrapolated beyond this rise (100 °C)
    char_absorption_per_m: float
    char_start_rise: float
    char_end_rise: float
    reflectance: float
    plume_per_aspect: float
    plume_exponent: float
    ejection_share: float  # progress at which a cell leaves under the fiercest heating
    ejection_heating: float  # light absorbed per volume at which it leaves half-way to slow ablation, W/m³
    convection_W_m2K: float
    evaporation_K_m3_kg: float  # L/(ρ c_p) of air, Lewis relation
    emissivity: float
    perfusion_W_m3K: float


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def temperature(
    e: float, water: float, water_0: float, dry_heat: float, spent: float, phase: Phase
) -> tuple[float, float, float, float]:
    """Rise, heat capacity, water left and share decomposed of a cell that is given the enthalpy ``e``.

    Below saturation ``e = (c_d + c_w w) θ``. At saturation the water left follows
    ``w = w0 (θ1 − θ)/(θ1 − θ0)`` and the steam that has gone took ``vapour`` each, which makes
    ``e`` a parabola in θ. Dry, ``e = c_d θ`` up to ablation; from there decomposition takes
    ``ablation_heat`` over ``DECOMPOSITION_RANGE_K``. Neither water nor what has decomposed comes
    back on cooling: ``water`` and ``spent`` (0 to 1) are the least and the most there has been.

    Parameters are in J/m³, kg/m³, kg/m³, J/m³/K, 1; returns (K, J/m³/K, kg/m³, 1).
    """
    plain = e
    if water > 0.0:
        capacity = dry_heat + phase.water_heat * water
        rise = e / capacity
        span = phase.boil_end - phase.boil_start
        if rise * water_0 <= phase.boil_end * water_0 - span * water:
            return rise, capacity, water, spent
        plain = e - water * phase.vapour
        if plain < phase.boil_end * dry_heat:
            slope = water_0 / span
            a = phase.water_heat * slope
            b = dry_heat + a * phase.boil_end + slope * phase.vapour
            c = plain + slope * phase.vapour * phase.boil_end
            # a θ² − b θ + c = 0, the smaller root, in the form that does not cancel
            # what is under the root is (b − 2 a θ)², and steam costs more than heating what is left
            rise = 2.0 * c / (b + math.sqrt(b * b - 4.0 * a * c))
            return rise, b - 2.0 * a * rise, slope * (phase.boil_end - rise), spent
    rise = plain / dry_heat
    if rise <= phase.ablation_rise + DECOMPOSITION_RANGE_K * spent:
        return rise, dry_heat, 0.0, spent
    held = dry_heat + phase.ablation_heat / DECOMPOSITION_RANGE_K
    slope = phase.ablation_heat / DECOMPOSITION_RANGE_K
    rise = (plain + phase.ablation_heat * spent + slope * phase.ablation_rise) / held
    part = (rise - phase.ablation_rise) / DECOMPOSITION_RANGE_K
    if part < 1.0:
        return rise, held, 0.0, part
    return (plain - phase.ablation_heat * (1.0 - spent)) / dry_heat, dry_heat, 0.0, 1.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def bound(water: float, water_0: float, spent: float, phase: Phase) -> float:
    """Rise up to which a cell neither boils nor decomposes further."""
    if water > 0.0:
        return phase.boil_end - (phase.boil_end - phase.boil_start) * water / water_0
    return phase.ablation_rise + DECOMPOSITION_RANGE_K * spent


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def progress(water: float, water_0: float, spent: float) -> float:
    """How far a cell is on its way out: share of its water that has boiled plus share decomposed, 0 to 2."""
    return (1.0 - water / water_0 if water_0 > 0.0 else 1.0) + spent


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def ejected_at(heating: float, share: float, scale: float) -> float:
    """Progress at which a cell leaves while it absorbs ``heating`` [W/m³] of light.

    Where water boils faster than steam can leave, pressure throws wet tissue out after the ``share`` of
    its water has boiled; where it boils slowly, tissue dries and has to decompose (Vogel and Venugopalan
    2003, confined boiling). ``P = s + (2 − s) q0/(q + q0)``, with ``scale`` q0 [W/m³].
    """
    return share + (2.0 - share) / (1.0 + heating / scale)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def enthalpy_at(reached: float, water_0: float, dry_heat: float, phase: Phase) -> float:
    """Enthalpy [J/m³] that brings a cell from rest to a progress, steam and gas that have left included."""
    steam = water_0 * phase.vapour
    if reached > 1.0:
        rise = phase.ablation_rise + DECOMPOSITION_RANGE_K * (reached - 1.0)
        return dry_heat * rise + steam + (reached - 1.0) * phase.ablation_heat
    rise = phase.boil_start + reached * (phase.boil_end - phase.boil_start)
    return (dry_heat + phase.water_heat * water_0 * (1.0 - reached)) * rise + reached * steam


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def absorption(rise: float, rise_max: float, water: float, dry_absorption: float, p: Physics) -> float:
    """Absorption coefficient [1/m] of a cell: its water, its dry matter and the char it has turned to.

    Water absorbs in proportion to its mass and less when hot, down to the boiling point, beyond which no
    measurement reaches. Dry matter that has been hotter than the char range absorbs like carbon, in between
    it is interpolated; charring never makes tissue absorb less than it did dry.
    """
    warm = min(rise, p.slope_limit_rise) - p.reference_rise
    mu = p.water_absorption_per_m * (1.0 - p.water_absorption_slope_per_K * warm)
    mu *= water / WATER_DENSITY_KG_M3
    char = (rise_max - p.char_start_rise) / (p.char_end_rise - p.char_start_rise)
    char = min(max(char, 0.0), 1.0)
    return mu + dry_absorption + char * max(p.char_absorption_per_m - dry_absorption, 0.0)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _evaporative_rise(kelvin: float, p: Physics) -> float:
    """Evaporative heat over the convective coefficient [K]: L ρ_sat(T) / (ρ c_p)_air, Lewis number 1."""
    celsius = kelvin - 273.15
    pressure = 611.2 * math.exp(17.62 * celsius / (243.12 + celsius))
    vapour_density = pressure / (461.5 * kelvin)
    return p.evaporation_K_m3_kg * vapour_density


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def surface_loss(rise: float, wet: float, p: Physics) -> float:
    """Net heat flux [W/m²] from the surface to the room beyond that of undisturbed skin.

    Convection, grey radiation, and evaporation from what is still wet by the Lewis relation with the Magnus
    vapour pressure; ``wet`` is the share of the water still there. Above the boiling point evaporation stays
    that of boiling water: what leaves beyond is steam, which boiling books.
    """
    kelvin = p.initial_K + rise
    loss = p.convection_W_m2K * rise
    loss += p.emissivity * STEFAN_BOLTZMANN_W_M2_K4 * (kelvin**4 - p.initial_K**4)
    if wet > 0.0:
        hot = min(kelvin, BOILING_K)
        loss += wet * p.convection_W_m2K * (_evaporative_rise(hot, p) - _evaporative_rise(p.initial_K, p))
    return loss


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def damage_increment(kelvin_0: float, kelvin_1: float, dt: float, branches: Array) -> float:
    """Arrhenius damage ΔΩ = ∫ A exp(−Ea/RT) dt over a step in which ln(rate) runs linearly.

    The integral is ``dt exp(x_m) sinh(h)/h`` with x_m the middle and 2h the change of ln(rate); sinh(h)/h is
    summed up to h⁸ (exact to 3e-8 at |h| = 1), which spares an exponential in most cells.

    ``branches`` is an array [n, 4] of T_low [K], T_high [K], ln A and Ea/R [K].
    """
    total = 0.0
    middle = 0.5 * (kelvin_0 + kelvin_1)
    cold, hot = 1.0 / kelvin_0, 1.0 / kelvin_1
    for b in range(branches.shape[0]):
        if middle < branches[b, 0] or middle >= branches[b, 1]:
            continue
        x0 = branches[b, 2] - branches[b, 3] * cold
        x1 = branches[b, 2] - branches[b, 3] * hot
        if max(x0, x1) < FORGOTTEN:
            continue
        half = 0.5 * (x1 - x0)
        if abs(half) < 1.0:
            h = half * half
            total += dt * math.exp(x0 + half) * (1.0 + h * (A3 + h * (A5 + h * (A7 + h * A9))))
        else:
            total += 0.5 * dt * (math.exp(x1) - math.exp(x0)) / half
    return total
