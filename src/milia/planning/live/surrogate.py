"""The trained surrogate as it lies in the package: two networks, their range, and how far they are off."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from milia.base import InputError, MiliaError, read_yaml_mapping, write_atomically
from milia.language import told
from milia.planning.live.inputs import COLUMN
from milia.planning.live.network import Layer, Network

Array = NDArray[np.float64]

NAME = "surrogate-1"
FOLDER = Path(__file__).parent / "data"
NETWORKS = ("verdicts", "shapes")
PARTS = ("input_mean", "input_scale", "output_mean", "output_scale")
# what a clinician sets, and how a refusal says it: factor, unit
SHOWN: Mapping[str, tuple[float, str]] = {
    **dict.fromkeys(("spot", "diameter", "roof", "total", "epidermis", "corneum", "aim"), (1e6, "µm")),
    "focus": (1e3, "mm"),
    "energy": (1e3, "mJ"),
    "fluence": (1e-4, "J/cm²"),
    "duration": (1e3, "ms"),
    "interval": (1e3, "ms"),
}


class OutsideRangeError(InputError):
    """What was asked lies outside what the surrogate was trained on; the engine can still answer."""

    def told(self) -> str:
        """Return the message as a text that can be said in other languages, where it is one of these."""
        low, between, high = str(self.accepted).partition(" to ")
        where = f"{self.key}: {self.value}"
        accepted = told("{low} to {high}", low=low, high=high) if between else low
        for made in (
            told(
                "{where}: the fast estimate was not trained for this; the full engine can answer. "
                "Accepted: {accepted}.",
                where=where,
                accepted=accepted,
            ),
            told(
                "{where}: the fast estimate was not trained for a look between pulses; the full engine can "
                "answer. Accepted: {accepted}.",
                where=where,
                accepted=accepted,
            ),
        ):
            if made == str(self):
                return made
        return str(self)


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Networks, ranges and errors.

    ``ranges`` are those of the inputs and of ``fluence``, SI. ``spread`` [PULSES, OUTPUTS] is the standard
    error of each output on trains that it was not trained on. ``errors`` are what a user reads.
    """

    verdicts: Network
    shapes: Network
    radii: Array
    ranges: Mapping[str, tuple[float, float]]
    spread: Array
    errors: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def beyond(self, rows: Array, name: str) -> NDArray[np.bool_]:
        """Say which rows of inputs have this one outside its range."""
        low, high = self.ranges[name]
        values = fluence_of(rows) if name == "fluence" else rows[:, COLUMN[name]]
        return np.asarray((values < low * (1 - 1e-9 * np.sign(low))) | (values > high * (1 + 1e-9)))

    def refusal(self, name: str, value: float) -> OutsideRangeError:
        """Return the error that names an input, its value and the range it may have."""
        low, high = self.ranges[name]
        factor, unit = SHOWN.get(name, (1.0, ""))
        return OutsideRangeError(
            "the fast estimate was not trained for this; the full engine can answer",
            key=name,
            value=f"{factor * value:.4g} {unit}".strip(),
            accepted=f"{factor * low:.4g} to {factor * high:.4g} {unit}".strip(),
        )


def fluence_of(rows: Array) -> Array:
    """Return the mean fluence of each row [J/m²]."""
    return np.asarray(rows[:, COLUMN["energy"]] / (0.25 * np.pi * rows[:, COLUMN["spot"]] ** 2))


@lru_cache(maxsize=1)
def load_surrogate(folder: Path = FOLDER) -> Surrogate:
    """Read the surrogate; refuse a file that is not the one its provenance was written for."""
    told = dict(read_yaml_mapping(folder / f"{NAME}.yaml"))
    content = (folder / f"{NAME}.npz").read_bytes()
    if hashlib.sha256(content).hexdigest() != told["sha256"]:
        raise MiliaError(
            f"the fast estimate {NAME} is damaged: {NAME}.npz does not have the checksum of its provenance; "
            "install Milia again, or make it anew with python -m tools.surrogate"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        held = {name: file[name] for name in file.files}
    networks = {name: _network(held, name) for name in NETWORKS}
    return Surrogate(
        **networks,
        radii=held["radii"],
        ranges={name: (float(low), float(high)) for name, (low, high) in told["ranges"].items()},
        spread=held["spread"].astype(float),
        errors=told["errors"],
        provenance=told,
    )


def _network(held: Mapping[str, Any], name: str) -> Network:
    count = sum(key.startswith(f"{name}.weights.") for key in held)
    layers = tuple(Layer(held[f"{name}.weights.{k}"], held[f"{name}.offsets.{k}"]) for k in range(count))
    return Network(layers, *(held[f"{name}.{part}"] for part in PARTS))


def write_surrogate(made: Surrogate, *, folder: Path = FOLDER) -> int:
    """Write networks and provenance; return the size of the file in bytes."""
    import yaml

    held: dict[str, NDArray[Any]] = {"radii": made.radii, "spread": made.spread.astype(np.float32)}
    for name in NETWORKS:
        network: Network = getattr(made, name)
        for k, layer in enumerate(network.layers):
            held[f"{name}.weights.{k}"], held[f"{name}.offsets.{k}"] = layer.weights, layer.offsets
        for part in PARTS:
            held[f"{name}.{part}"] = getattr(network, part)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **held)
    content = buffer.getvalue()
    told = {
        **made.provenance,
        "name": NAME,
        "sha256": hashlib.sha256(content).hexdigest(),
        "ranges": {name: [float(f"{end:.6g}") for end in ends] for name, ends in made.ranges.items()},
        "errors": made.errors,
    }
    head = "# Written by `python -m tools.surrogate`; the checksum is that of the .npz beside it.\n"
    folder.mkdir(exist_ok=True)
    write_atomically(folder / f"{NAME}.npz", content)
    write_atomically(
        folder / f"{NAME}.yaml", head + yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120)
    )
    return len(content)
