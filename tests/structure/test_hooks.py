"""The hooks for pre-commit, by pre-commit itself, in a publication that is a clone of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY, SERIES, Publication
from tests.structure.conftest import tracked

BIN = Path(sys.executable).parent
PRE_COMMIT = shutil.which("pre-commit", path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
HOOKS = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
NAMES = [hook["id"] for hook in HOOKS]

needs_pre_commit = pytest.mark.skipif(
    not PRE_COMMIT, reason="pre-commit is not installed: make test"
)


def environment(home: Path) -> Mapping[str, str]:
    """Nobody's settings of git, and no cache of pre-commit but here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    names = (f"GIT_{one}_{part}" for one in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL"))
    return {
        **kept,
        **dict.fromkeys(names, "a@b.invalid"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
    }


def run(folder: Path, home: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=folder, env=environment(home), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def hooks(home: Path) -> Path:
    """A repository that offers the hooks, as somebody would name it."""
    folder = home / "proofpress"
    folder.mkdir()
    shutil.copy(REPOSITORY / ".pre-commit-hooks.yaml", folder)
    commit(folder, home)
    return folder


@pytest.fixture
def clone(publication: Publication, home: Path) -> Publication:
    """A publication in git, with the build.py that a clone has."""
    publication.write("series.toml", SERIES)
    start = f"import runpy; runpy.run_path({str(REPOSITORY / 'build.py')!r}, run_name='__main__')"
    publication.write("build.py", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n{start}\n")
    publication.write(".gitignore", ".cache/\n__pycache__/\n")
    publication.write("content/_notes.md", "No article.\n")
    publication.article("000-sound", "```python\nprint(1)\n```\n")
    commit(publication.root, home)
    return publication


def commit(folder: Path, home: Path) -> None:
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Start"]):
        done = run(folder, home, "git", *command)
        assert done.returncode == 0, done.stderr


def try_hook(
    clone: Publication, hooks: Path, home: Path, name: str
) -> "subprocess.CompletedProcess[str]":
    """Try a hook on what is staged."""
    assert run(clone.root, home, "git", "add", "-A").returncode == 0
    return run(clone.root, home, str(PRE_COMMIT), "try-repo", str(hooks), name, "--verbose")


@needs_pre_commit
@pytest.mark.parametrize("name", NAMES)
def test_a_sound_article_passes(clone: Publication, hooks: Path, home: Path, name: str) -> None:
    clone.article("001-new", "```python\nprint(2)\n```\n")
    clone.write("content/_notes.md", "Still none.\n")
    done = try_hook(clone, hooks, home, name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout
    assert "2 articles; " in done.stdout


@needs_pre_commit
@pytest.mark.parametrize("name", NAMES)
def test_a_broken_example_stops_a_commit(
    clone: Publication, hooks: Path, home: Path, name: str
) -> None:
    clone.article("001-a name", "```python\n1 / 0\n```\n", slug="a-name")
    done = try_hook(clone, hooks, home, name)
    assert done.returncode == 1
    assert "content/001-a name.md:9:1: example-failed: ZeroDivisionError" in done.stdout


@needs_pre_commit
def test_only_what_changed_is_proven_and_nothing_is_no_change(
    clone: Publication, hooks: Path, home: Path
) -> None:
    clone.article("001-broken", "```python\n1 / 0\n```\n")
    commit(clone.root, home)
    clone.write("content/002-b/index.md", clone.article("002-b").read_text())
    (clone.root / "content/002-b.md").unlink()
    clone.write("content/002-b/data.txt", "data")
    done = try_hook(clone, hooks, home, "proofpress-check")
    assert done.returncode == 0, done.stdout + done.stderr
    clone.write("README.md", "Hello.\n")
    commit(clone.root, home)
    clone.write("README.md", "Hello again.\n")
    assert "no files to check" in try_hook(clone, hooks, home, "proofpress-check-all").stdout


def test_every_hook_is_documented() -> None:
    text = (REPOSITORY / "docs/problems.md").read_text()
    assert all(f"`{name}`" in text for name in NAMES)
    assert ".pre-commit-hooks.yaml" in tracked()
