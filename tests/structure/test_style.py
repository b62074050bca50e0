"""Small things that prose would have to beg for."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from press.problems import Code
from tests.conftest import REPOSITORY
from tests.structure.test_layers import MODULES

SOURCES = {name: path.read_text() for name, path in MODULES.items()}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_its_single_job(name: str) -> None:
    text = ast.get_docstring(ast.parse(SOURCES[name]))
    assert text
    if not name.startswith("newsletter.migrations.versions"):
        assert 1 <= len(text.splitlines()) <= 8


@pytest.mark.parametrize("name", MODULES)
def test_no_function_is_longer_than_a_screen(name: str) -> None:
    for node in ast.walk(ast.parse(SOURCES[name])):
        if isinstance(node, ast.FunctionDef) and "migrations.versions" not in name:
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_no_module_has_a_name_that_says_nothing() -> None:
    words = {"utils", "util", "helpers", "helper", "base", "manager", "common", "misc"}
    assert not {name for name in MODULES if words & set(name.split("."))}


def test_every_kind_of_problem_can_happen() -> None:
    everything = "\n".join(text for name, text in SOURCES.items() if name != "press.problems")
    assert not [code.name for code in Code if f"Code.{code.name}" not in everything]


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-development.lock", "requirements-audit.lock"]
)
def test_the_locks_pin_and_hash_everything_and_name_no_registry(lock: str) -> None:
    text = (REPOSITORY / lock).read_text()
    assert "://" not in text
    entries = [entry for entry in text.replace("\\\n", " ").splitlines() if entry[:1].isalnum()]
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def test_the_locks_cover_what_the_project_asks_for() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    asked = {"requirements.lock": project["project"]["dependencies"]}
    asked["requirements-development.lock"] = [
        *project["project"]["dependencies"], *project["dependency-groups"]["dev"],
    ]  # fmt: skip
    for lock, names in asked.items():
        text = (REPOSITORY / lock).read_text().lower()
        for name in names:
            package = re.split(r"[>\[]", name)[0].lower().replace(".", "-")  # PyPI's normal form
            assert f"\n{package}==" in f"\n{text}", (lock, name)


def test_every_package_is_part_of_the_distribution() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    packages = {
        ".".join(path.parent.relative_to(REPOSITORY).parts)
        for root in ("press", "newsletter")
        for path in Path(REPOSITORY / root).rglob("__init__.py")
    }
    assert set(project["tool"]["setuptools"]["packages"]) == packages | {"press.templates"}
