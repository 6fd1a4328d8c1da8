"""Every example plans, and comes out as examples/README.md says it does."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

Milia = Callable[..., subprocess.CompletedProcess[bytes]]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ROW = re.compile(r"^\| `(\w+\.yaml)` \| (\w+) \| (.+) \|$", re.MULTILINE)
PROMISED = {
    name: (action, why)
    for name, action, why in ROW.findall((EXAMPLES / "README.md").read_text(encoding="utf-8"))
}
NO_CASE = {
    "clinic.yaml",
    "exposure.yaml",
    "my_device.yaml",
    "study.yaml",
    "study_10000.yaml",
    "two_milia_3d.yaml",
}


def test_the_readme_speaks_of_every_example() -> None:
    assert PROMISED.keys() | NO_CASE == {path.name for path in EXAMPLES.glob("*.yaml")}
    assert {action for action, _ in PROMISED.values()} >= {"laser", "extract", "observe", "assess_first"}


def test_the_case_in_the_readme_is_the_example() -> None:
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    block = readme.split("```yaml\n")[1].split("```")[0]
    assert yaml.safe_load(block) == yaml.safe_load(
        (EXAMPLES / "lower_eyelid.yaml").read_text(encoding="utf-8")
    )


# The lower eyelid has tests of its own, in test_plan.py.
@pytest.mark.parametrize("name", sorted(PROMISED.keys() - {"lower_eyelid.yaml"}))
def test_example_comes_out_as_promised(milia: Milia, desk: Path, name: str) -> None:
    done = milia("plan", EXAMPLES / name, "--json", "--report", "plan.html")
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["action"] == PROMISED[name][0]
    assert (desk / "plan.html").stat().st_size > 10_000
