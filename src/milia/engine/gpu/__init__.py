"""Ensembles on a graphics card, as an optional extra, with the kernels that the processor runs.

`run_ensemble` is the way in. `firing` cuts a march into calls of the kernel, `packing` lays the calls of
many members side by side, `batch` marches them together, `card` is the only module that knows CUDA.
"""

from milia.engine.gpu.card import find_card
from milia.engine.gpu.ensemble import Ensemble, run_ensemble
from milia.engine.gpu.firing import Member

__all__ = ["Ensemble", "Member", "find_card", "run_ensemble"]
