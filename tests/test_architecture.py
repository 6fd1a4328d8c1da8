"""The rooms: named in the contract, entered by their front doors, small enough to read."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "milia"
LONGEST = 400
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted(folder.name for folder in PACKAGE.iterdir() if any(folder.glob("*.py")))


def contracts() -> list[dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, object]] = settings["tool"]["importlinter"]["contracts"]
    return found


def layered() -> list[list[str]]:
    (layers,) = [contract["layers"] for contract in contracts() if contract["type"] == "layers"]
    assert isinstance(layers, list)
    return [[name.strip(" ()").removeprefix("milia.") for name in layer.split("|")] for layer in layers]


def test_every_room_has_its_layer() -> None:
    assert sorted(name for layer in layered() for name in layer) == ROOMS


def test_the_layers_are_those_of_the_documentation() -> None:
    """The picture in docs/architecture.md and the contract that is enforced are the same list."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = text.split("```text\n")[1].split("```")[0]
    assert [line.split("  ")[0].split(" · ") for line in picture.splitlines()] == layered()


def test_every_folder_with_code_is_a_package() -> None:
    for folder in {path.parent for path in FILES}:
        assert (folder / "__init__.py").is_file(), folder.relative_to(ROOT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_file_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.parent != PACKAGE],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_rooms_are_entered_by_their_front_door(path: Path) -> None:
    """`from milia.laser import Beam`, never `from milia.laser.beam import Beam` from another room."""
    own = path.relative_to(PACKAGE).parts[0]
    inside = [name for name in imported(path) if name.count(".") >= 2 and name.split(".")[1] in ROOMS]
    assert [name for name in inside if name.split(".")[1] != own] == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that they can be read alone"
            yield str(node.module)
