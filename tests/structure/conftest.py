"""A copy of the repository as a fresh clone has it, and an environment that is ready."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from press import output
from tests.conftest import REPOSITORY

# What a `make` around these tests hands down to the ones in them, and CI's lines of what was slow.
INHERITED = {
    "CI", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PROOFPRESS_LEDGER", "PYTEST",
    "PYTHON",
}  # fmt: skip


def tracked() -> list[str]:
    """The files of the repository, and those that will be: all that Git does not ignore."""
    # Git refuses a folder of another user, which a container's may be, unless told otherwise.
    git = ["git", "-c", "safe.directory=*", "-C", str(REPOSITORY)]
    found = subprocess.run(
        [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    paths = sorted(set(found.stdout.split("\0")) - {""})
    return [path for path in paths if (REPOSITORY / path).is_file()]


# Rust's crates take long to build: what one build has made is there for the next.
SHARED = {"PROOFPRESS_CACHE": str(REPOSITORY / ".cache")}


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository with a `.venv` that `make` has nothing to add to."""

    root: Path

    def run(self, command: str, status: int = 0) -> str:
        """What a command of a shell prints, errors and all; it has to end with `status`."""
        kept = {name: value for name, value in os.environ.items() if name not in INHERITED}
        path = f"{self.root / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.root,
            env={
                **kept,
                **SHARED,
                "PROOFPRESS_JOURNAL": str(self.root / "var/journals"),
                "PATH": path,
                "VENV": ".venv",
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}"
        return done.stdout


def copy_repository(root: Path) -> Checkout:
    """Copy the repository to a folder, and give it the environment of this very test."""
    for name in tracked():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, root / name)
    environment = root / ".venv"
    environment.mkdir()
    for entry in Path(sys.prefix).iterdir():
        if not entry.name.startswith("."):
            (environment / entry.name).symlink_to(entry)
    # Newer than the locks: nothing is to be installed, so nothing is asked of the network.
    for stamp in (".runtime", ".development"):
        (environment / stamp).touch()
    return Checkout(root)


def checkout_needs() -> None:
    if sys.prefix == sys.base_prefix:
        pytest.skip("needs an environment: run `make test`")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout_needs()
    with shared():
        yield copy_repository(tmp_path)


@contextmanager
def shared() -> Iterator[None]:
    """Have the cache of all copies alone: what one has built is what another says it has built."""
    with output.alone(REPOSITORY / ".cache/checkouts.lock"):
        yield
