"""A setting in every unit that people use, each derived number recomputed from the dial."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milia.base import InputError
from milia.language import say
from milia.report.numbers import dialled, with_unit
from milia.report.reading import entries, number, text

# A plan rounds what it prints; a larger difference means that someone changed one number and not the other.
AGREEMENT = 0.02


@dataclass(frozen=True, slots=True)
class Row:
    """One number: its name, the number on the dial, the same in other units."""

    name: str
    value: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What is set on the device, and what that is at the skin."""

    dial: tuple[Row, ...]
    skin: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Dial:
    energy_mJ: float
    duration_us: float
    spot_um: float
    pulses: int
    interval_ms: float | None
    passes: int


def settings_view(
    settings: Mapping[str, Any], strategy: Mapping[str, Any] | None = None
) -> SettingsView | None:
    """Return the rows of a setting, or None where the plan has none.

    With a ``strategy`` that looks after each pulse they are those of the first one, and say how it goes on.

    Raises
    ------
    InputError
        If a dial number is missing or not positive, or a derived number differs from the dial's by more
        than 2 %.
    """
    if not settings:
        return None
    dial = _read_dial(settings)
    area_cm2 = math.pi * (dial.spot_um * 1e-4) ** 2 / 4
    fluence = dial.energy_mJ * 1e-3 / area_cm2
    power = dial.energy_mJ * 1e-3 / (dial.duration_us * 1e-6)
    irradiance = 1e-3 * power / area_cm2
    average = repetition = None
    if dial.interval_ms is not None:
        repetition = 1e3 / dial.interval_ms
        average = dial.energy_mJ / dial.interval_ms
    for key, computed in (
        ("fluence_J_cm2", fluence),
        ("irradiance_kW_cm2", irradiance),
        ("power_W", power),
        ("repetition_Hz", repetition),
        ("average_power_W", average),
    ):
        _agree(settings, key, computed)
    peak = number(settings, "peak_fluence_J_cm2")
    skin = _skin_rows(dial, fluence=fluence, peak=peak, power=power, irradiance=irradiance, average=average)
    looked = _looked_rows(dial, strategy or {})
    if looked:
        # how much energy a series takes in all is only known when a look has ended it
        return SettingsView(dial=looked, skin=skin[:-1])
    return SettingsView(dial=_dial_rows(dial, repetition), skin=skin)


def _dial_rows(dial: _Dial, repetition: float | None) -> tuple[Row, ...]:
    rows = [
        Row(say("pulse energy"), dialled(dial.energy_mJ, "mJ"), dialled(dial.energy_mJ * 1e-3, "J")),
        Row(say("pulse duration"), dialled(dial.duration_us, "µs"), dialled(dial.duration_us * 1e-3, "ms")),
        Row(say("spot diameter"), dialled(dial.spot_um * 1e-3, "mm"), dialled(dial.spot_um, "µm")),
        Row(say("pulses"), str(dial.pulses), say("on the same spot")),
    ]
    if dial.interval_ms is not None:
        rows.append(
            Row(
                say("interval"),
                dialled(dial.interval_ms, "ms"),
                say(
                    "{rate}, start to start; one pulse, so it plays no part",
                    rate=with_unit(repetition, "Hz"),
                )
                if dial.pulses == 1
                else say("{rate}, start to start", rate=with_unit(repetition, "Hz")),
            )
        )
    rows.append(Row(say("passes"), str(dial.passes), "" if dial.passes == 1 else say("wipe between passes")))
    return tuple(rows)


def _looked_rows(dial: _Dial, strategy: Mapping[str, Any]) -> tuple[Row, ...]:
    """Return the dial of a series with looks, nothing where all is fired in one go."""
    most = number(strategy, "most_pulses")
    if text(strategy, "name") in ("", "one_go") or most is None:
        return ()
    energies = [number(pulse, "pulse_energy_mJ") for pulse in entries(strategy, "pulses")]
    later = [f"{energy:g}" for energy in energies[1:] if energy is not None]
    climbs = len(set(energies)) > 1
    first = _dial_rows(dial, None)
    rows = [Row(say("first pulse"), *(first[0].value, first[0].also)), *first[1:3]]
    rows.append(
        Row(
            say("pulses"),
            say("at most {count}", count=f"{most:.0f}"),
            say("one at a time; stop when a look shows the roof open"),
        )
    )
    if climbs:
        climb = say("{energies} mJ, a step higher while it is closed", energies=", ".join(later))
        rows.append(Row(say("next pulses"), say("to {energy} mJ", energy=later[-1]), climb))
    rows.append(Row(say("between"), say("look"), say("let it cool, wipe, press")))
    return tuple(rows)


def _skin_rows(
    dial: _Dial, *, fluence: float, peak: float | None, power: float, irradiance: float, average: float | None
) -> tuple[Row, ...]:
    rows = [Row(say("fluence, mean over the spot"), with_unit(fluence, "J/cm²"), say("each pulse"))]
    if peak is not None:
        rows.append(Row(say("fluence, peak at the centre"), with_unit(peak, "J/cm²"), say("each pulse")))
    rows.append(Row(say("power"), with_unit(power, "W"), say("during the pulse")))
    rows.append(Row(say("irradiance"), with_unit(irradiance, "kW/cm²"), say("mean over the spot")))
    if average is not None and dial.pulses > 1:
        rows.append(Row(say("average power"), with_unit(average, "W"), say("over the train")))
    total = dial.energy_mJ * dial.pulses * dial.passes
    rows.append(Row(say("energy in all"), with_unit(total, "mJ"), with_unit(total * 1e-3, "J")))
    return tuple(rows)


def _read_dial(settings: Mapping[str, Any]) -> _Dial:
    interval = number(settings, "interval_ms")
    return _Dial(
        energy_mJ=_positive(settings, "pulse_energy_mJ"),
        duration_us=_positive(settings, "pulse_duration_us"),
        spot_um=_positive(settings, "spot_diameter_um"),
        pulses=_count(settings, "pulses"),
        interval_ms=interval if interval is not None and interval > 0.0 else None,
        passes=_count(settings, "passes"),
    )


def _positive(settings: Mapping[str, Any], key: str) -> float:
    value = number(settings, key)
    if value is None or value <= 0.0:
        raise InputError(
            "not a setting",
            file="plan",
            key=f"settings.{key}",
            value=settings.get(key),
            accepted="a positive number",
        )
    return value


def _count(settings: Mapping[str, Any], key: str) -> int:
    value = _positive(settings, key)
    if value != round(value):
        raise InputError(
            "not a count", file="plan", key=f"settings.{key}", value=value, accepted="a whole number from 1"
        )
    return int(value)


def _agree(settings: Mapping[str, Any], key: str, computed: float | None) -> None:
    given = number(settings, key)
    if given is None or computed is None:
        return
    if abs(given - computed) > AGREEMENT * abs(computed):
        raise InputError(
            "does not follow from energy, duration, spot and interval",
            file="plan",
            key=f"settings.{key}",
            value=given,
            accepted=f"{computed:.4g}",
        )
