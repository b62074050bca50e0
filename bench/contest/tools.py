"""Installs a peer into a folder of its own, once: what its lock pins, and nothing else."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from contest.generators import PEERS


class Unavailable(Exception):
    """A peer can't be had on this machine; says why."""


def environment(tools: Path, name: str, lock: Path | None = None) -> Path:
    """An environment of Python with what a lock pins, else that of a peer; raises Unavailable."""
    return _kept(tools / name, lock or PEERS / name / "requirements.lock", _fill_environment)


def modules(tools: Path, name: str) -> Path:
    """A folder with the `node_modules` that the lock of `name` pins; raises Unavailable."""
    return _kept(tools / name, PEERS / name / "package-lock.json", _fill_modules)


def printed(*command: str) -> str:
    """What a command prints; raises Unavailable."""
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except OSError as error:
        raise Unavailable(f"{Path(command[0]).name}: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines() or ["nothing"]
        raise Unavailable(f"{Path(command[0]).name} says: {said[-1]}") from error
    return done.stdout.strip()


def _kept(folder: Path, lock: Path, fill: Callable[[Path, Path], None]) -> Path:
    stamp = folder / "installed.lock"
    if not stamp.is_file() or stamp.read_bytes() != lock.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        fill(folder, lock)
        shutil.copy(lock, stamp)  # the last step: what was interrupted is done again
    return folder


def _fill_environment(folder: Path, lock: Path) -> None:
    printed(sys.executable, "-m", "venv", str(folder))
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check"]
    printed(*pip, "--quiet", "--no-input", "--require-hashes", "-r", str(lock))


def _fill_modules(folder: Path, lock: Path) -> None:
    folder.mkdir(parents=True)
    for file in (lock, lock.with_name("package.json"), lock.with_name(".npmrc")):
        shutil.copy(file, folder)
    printed("npm", "ci", "--prefix", str(folder), "--silent")
