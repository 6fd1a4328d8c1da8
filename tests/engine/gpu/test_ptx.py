"""The whole march compiles for cards that are not here: every type settled, every call one of a card."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from milia.engine.gpu.batch import Job, kernel_arguments
from milia.engine.gpu.packing import Packed
from milia.engine.kernels import step

if find_spec("numba_cuda") is None:
    pytest.skip("THE GPU KERNEL WAS NOT COMPILED: pip install 'milia[gpu]'", allow_module_level=True)


def assembler() -> str | None:
    """Path of ptxas, which NVIDIA's compiler package brings along."""
    found = find_spec("nvidia")
    for folder in (found.submodule_search_locations or []) if found else []:
        for path in Path(folder).glob("*/bin/ptxas"):
            return str(path)
    return shutil.which("ptxas")


@pytest.mark.parametrize("capability", [(8, 0), (9, 0)], ids=["sm_80", "sm_90"])
def test_the_march_compiles(
    capability: tuple[int, int], tiny: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numba
    from numba import cuda
    from numba.cuda import dispatcher

    # device functions are compiled for the card that is there; say that it is this one
    card = SimpleNamespace(compute_capability=capability)
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: card)
    exposures, each = tiny.tiny()
    calls = [
        next(Job(e, p, tiny.RULE, tiny.ACCURACY).begin()).call for e, p in zip(exposures, each, strict=True)
    ]
    packed = Packed(kernel_arguments(), calls)
    arguments: list[Any] = [packed.reals, packed.wholes]
    kinds = {"float64": numba.types.float64, "int64": numba.types.int64}
    types = [numba.typeof(array) for array in (*arguments, *packed.pools)]
    stacks = [numba.types.Array(kinds[s.dtype], s.ndim + 3, "C") for s in packed.form.stacks]
    _, everyone = packed.form.functions(step.march, cuda)
    ptx, _ = cuda.compile(
        everyone, (*types[:2], *stacks, *types[2:]), device=False, abi="numba", cc=capability
    )
    target = "sm_{}{}".format(*capability)
    assert f".target {target}" in ptx
    assert ".visible .entry" in ptx
    # double precision throughout: a single-precision product would mean that a type got lost
    assert ptx.count("fma.rn.f64") > 100
    assert "mul.f32" not in ptx
    if ptxas := assembler():
        source = tmp_path / "march.ptx"
        source.write_text(ptx)
        made = subprocess.run(
            [ptxas, f"-arch={target}", str(source), "-o", str(tmp_path / "march.cubin")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
