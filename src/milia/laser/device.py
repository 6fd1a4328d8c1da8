"""What a device can deliver: its steps, its limits, and how far its beam may be from what it displays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from milia.base import InputError, format_quantity
from milia.knowledge import Uncertain
from milia.laser.beam import Beam, Profile
from milia.laser.calibrated import Calibrated
from milia.laser.pulses import SAME, Settings

__all__ = ["KINDS", "Device"]

KINDS = ("superpulse", "continuous", "scanned", "er_yag")

# Two spellings of one step differ by rounding, two steps by percents.
_STEP = 1e-6


@dataclass(frozen=True)
class Device:
    """A laser with its handpieces: discrete steps, limits and the uncertainty of its output.

    Parameters
    ----------
    name, title, kind
        Name in files, name for people, and one of `KINDS`.
    wavelength_m, profile, order, m2
        The beam, see `Beam`.
    spot_diameters_m
        Spots of its handpieces [m], ascending.
    pulse_pairs
        Energy and duration of every pulse it offers [J, s], ascending.
    interval_s
        Steps from pulse start to pulse start [s], ascending.
    pulses_max, passes_max
        Most pulses of a train and most passes [-].
    average_power_max_W, duty_max
        Limits over a train of more than one pulse [W, -]; ``None`` where the device states none.
    delivered_fraction
        Energy at the skin over energy displayed [-].
    energy_spread
        Pulse-to-pulse standard deviation over the energy [-].
    focus_offset
        Depth of the focus below the skin's surface [m].
    source, flag, note
        Where the steps come from and how well they are known.
    assumed
        Keys that the device's file left out and the knowledge base's wide defaults filled.
    evidence
        Ids in the knowledge base behind the device.
    calibrated
        What the clinic's own shots and outcomes said, where it was calibrated.
    """

    name: str
    title: str
    kind: str
    wavelength_m: float
    profile: Profile
    order: float
    m2: float
    spot_diameters_m: tuple[float, ...]
    pulse_pairs: tuple[tuple[float, float], ...]
    interval_s: tuple[float, ...]
    pulses_max: int
    passes_max: int
    average_power_max_W: float | None
    duty_max: float | None
    delivered_fraction: Uncertain
    energy_spread: Uncertain
    focus_offset: Uncertain
    source: str
    flag: str
    note: str
    assumed: tuple[str, ...]
    evidence: tuple[str, ...]
    calibrated: Calibrated | None = None

    def deliverable(self) -> tuple[tuple[float, float], ...]:
        """Give every pulse the device offers as (energy [J], duration [s]), ascending."""
        return self.pulse_pairs

    def beam(self, spot_diameter_m: float, *, focus_offset_m: float = 0.0) -> Beam:
        """Give the beam of one spot."""
        return Beam(
            spot_diameter_m=spot_diameter_m,
            wavelength_m=self.wavelength_m,
            profile=self.profile,
            order=self.order,
            focus_offset_m=focus_offset_m,
            m2=self.m2,
        )

    def intervals_for(
        self, pulse_energy_J: float, pulse_duration_s: float, *, pulses: int = 2
    ) -> tuple[float, ...]:
        """Give the interval steps that a train of these pulses may have [s], ascending."""
        return tuple(
            step
            for step in self.interval_s
            if self._train_problem(pulse_energy_J, pulse_duration_s, pulses, step) is None
        )

    def settings(
        self,
        *,
        pulse_energy_J: float,
        spot_diameter_m: float,
        interval_s: float,
        pulse_duration_s: float | None = None,
        pulses: int = 1,
        passes: int = 1,
    ) -> Settings:
        """Make settings and check them; the duration may be left out where the energy has only one."""
        if pulse_duration_s is None:
            pulse_duration_s = self._only_duration(pulse_energy_J)
        made = Settings(
            pulse_energy_J=pulse_energy_J,
            pulse_duration_s=pulse_duration_s,
            spot_diameter_m=spot_diameter_m,
            pulses=pulses,
            interval_s=interval_s,
            passes=passes,
        )
        self.check(made)
        return made

    def check(self, settings: Settings, *, file: str | None = None, key: str = "settings") -> None:
        """Refuse settings that the device cannot deliver.

        Raises
        ------
        InputError
            Naming the step or limit that is missed, the nearest step, and what the device offers.
        """

        def refuse(name: str, problem: str, shown: str, accepted: str) -> InputError:
            problem = f"{self.title} {problem}"
            return InputError(problem, file=file, key=f"{key}.{name}", value=shown, accepted=accepted)

        spot = settings.spot_diameter_m
        if not _on_step(spot, self.spot_diameters_m):
            raise refuse("spot_diameter", *_missed("spot diameter", spot, self.spot_diameters_m, "m"))
        energies = tuple(dict.fromkeys(energy for energy, _ in self.pulse_pairs))
        if not _on_step(settings.pulse_energy_J, energies):
            raise refuse("pulse_energy", *_missed("pulse energy", settings.pulse_energy_J, energies, "J"))
        durations = self._durations(settings.pulse_energy_J)
        if not _on_step(settings.pulse_duration_s, durations):
            words = f"pulse duration at {format_quantity(settings.pulse_energy_J, 'J')}"
            raise refuse("pulse_duration", *_missed(words, settings.pulse_duration_s, durations, "s"))
        if not _on_step(settings.interval_s, self.interval_s):
            raise refuse("interval", *_missed("interval", settings.interval_s, self.interval_s, "s"))
        for name, count, most in (
            ("pulses", settings.pulses, self.pulses_max),
            ("passes", settings.passes, self.passes_max),
        ):
            if count > most:
                raise refuse(name, f"allows at most {most} {name}", str(count), f"1 to {most}")
        pair = (settings.pulse_energy_J, settings.pulse_duration_s)
        problem = self._train_problem(*pair, settings.pulses, settings.interval_s)
        if problem:
            allowed = self.intervals_for(*pair, pulses=settings.pulses)
            shown = format_quantity(settings.interval_s, "s")
            raise refuse("interval", problem, shown, _steps(allowed, "s"))

    def nearest(self, settings: Settings) -> Settings:
        """Give the closest deliverable settings: energy before duration, and ratios count."""
        energy, duration = min(
            self.pulse_pairs,
            key=lambda pair: (
                _distance(pair[0], settings.pulse_energy_J),
                _distance(pair[1], settings.pulse_duration_s),
            ),
        )
        pulses = min(settings.pulses, self.pulses_max)
        return Settings(
            pulse_energy_J=energy,
            pulse_duration_s=duration,
            spot_diameter_m=_closest(settings.spot_diameter_m, self.spot_diameters_m),
            pulses=pulses,
            interval_s=_closest(settings.interval_s, self.intervals_for(energy, duration, pulses=pulses)),
            passes=min(settings.passes, self.passes_max),
        )

    def _durations(self, energy: float) -> tuple[float, ...]:
        return tuple(duration for offered, duration in self.pulse_pairs if _on_step(energy, (offered,)))

    def _only_duration(self, energy: float) -> float:
        durations = self._durations(energy)
        if len(durations) == 1:
            return durations[0]
        if not durations:
            energies = tuple(dict.fromkeys(offered for offered, _ in self.pulse_pairs))
            problem, shown, accepted = _missed("pulse energy", energy, energies, "J")
            raise InputError(
                f"{self.title} {problem}", key="settings.pulse_energy", value=shown, accepted=accepted
            )
        raise InputError(
            f"{self.title} offers {format_quantity(energy, 'J')} with more than one pulse duration",
            key="settings.pulse_duration",
            accepted=_steps(durations, "s"),
        )

    def _train_problem(self, energy: float, duration: float, pulses: int, interval: float) -> str | None:
        if interval < duration * (1.0 - SAME):
            return f"cannot repeat a pulse of {format_quantity(duration, 's')} so soon"
        # A single pulse has no average: the next one comes when the operator fires it.
        if pulses == 1:
            return None
        limit = self.average_power_max_W
        if limit is not None and energy / interval > limit * (1.0 + SAME):
            return f"allows an average power of at most {format_quantity(limit, 'W')}"
        if self.duty_max is not None and duration / interval > self.duty_max * (1.0 + SAME):
            return f"allows a duty cycle of at most {100.0 * self.duty_max:g} %"
        return None


def _distance(value: float, wanted: float) -> float:
    return round(abs(math.log(value / wanted)), 9)


def _closest(wanted: float, steps: Sequence[float]) -> float:
    return min(steps, key=lambda step: _distance(step, wanted))


def _on_step(value: float, steps: Sequence[float]) -> bool:
    return any(abs(value - step) <= _STEP * step for step in steps)


def _missed(what: str, value: float, steps: Sequence[float], unit: str) -> tuple[str, str, str]:
    close = format_quantity(_closest(value, steps), unit)
    return (
        f"does not offer this {what}; the nearest is {close}",
        format_quantity(value, unit),
        _steps(steps, unit),
    )


def _steps(steps: Sequence[float], unit: str) -> str:
    return ", ".join(format_quantity(float(f"{step:.6g}"), unit) for step in steps)
