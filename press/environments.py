"""The Python that an article's examples need: an interpreter of the right version, and packages.

Packages are installed once for each set into `.cache/python/`, by pip; that may need the network,
and nothing else here does.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from press import isolation
from press.model import Setting, Workshop

INSTALL_SECONDS = 600


class Environment(Struct, frozen=True):
    """What runs the examples of a setting."""

    interpreter: str
    version: str
    """Such as 3.13.0."""
    build: str
    """All that the interpreter says of itself."""
    sites: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()
    """The packages that are installed, with their versions."""


class NotHad(Exception):
    """An environment that this machine does not have; the text says why."""


_known: dict[tuple[str, tuple[str, ...], Path], Environment | NotHad] = {}


def environment(setting: Setting, workshop: Workshop) -> Environment:
    """The environment for a setting, made where it is not there yet. Raises NotHad."""
    name = (setting.requires_python, setting.packages, workshop.cache)
    if name not in _known:
        try:
            _known[name] = _make(setting, workshop)
        except NotHad as error:
            _known[name] = error
    found = _known[name]
    if isinstance(found, NotHad):
        raise found
    return found


def _make(setting: Setting, workshop: Workshop) -> Environment:
    plain = _interpreter(setting.requires_python)
    if not setting.packages:
        return plain
    words = json.dumps([plain.build, setting.packages])
    place = workshop.cache / "python" / sha256(words.encode()).hexdigest()[:16]
    if not place.is_dir():
        _install(plain.interpreter, setting.packages, place)
    lock = sorted(path.name.removesuffix(".dist-info") for path in place.glob("*.dist-info"))
    return Environment(
        plain.interpreter, plain.version, plain.build, (str(place),), tuple(lock)
    )  # fmt: skip


def _interpreter(versions: str) -> Environment:
    """Our own interpreter if it will do, or else the newest on this machine that does."""
    own = Environment(
        isolation.own_interpreter(), ".".join(map(str, sys.version_info[:3])), sys.version
    )
    if not versions:
        return own
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(versions)
    if wanted.contains(own.version, prereleases=True):
        return own
    others = [one for one in _others() if wanted.contains(one.version, prereleases=True)]
    if not others:
        here = ", ".join(sorted({own.version, *(one.version for one in _others())}, key=_order))
        raise NotHad(f"it needs Python {versions}; here is {here}")
    return max(others, key=lambda one: _order(one.version))


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


@cache
def _others() -> list[Environment]:
    """The other interpreters on PATH, and those of pyenv and uv, whose shims are none."""
    found: dict[str, Environment] = {}
    for path in _candidates():
        said = _said(path)
        if said and said["executable"] not in found:
            one = Environment(said["executable"], said["version"], said["build"])
            found[one.interpreter] = one
    return list(found.values())


def _candidates() -> Iterator[str]:
    home = Path.home()
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    folders = [folder for folder in folders if folder.name != "shims"]
    for pattern in (".pyenv/versions/*/bin", ".local/share/uv/python/*/bin"):
        folders += sorted(home.glob(pattern))
    for folder in folders:
        for number in range(9, 30):
            if (path := folder / f"python3.{number}").is_file():
                yield str(path)


ASK = (
    "import json, os, sys; print(json.dumps({'build': sys.version, "
    "'version': '.'.join(map(str, sys.version_info[:3])), "
    "'executable': os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable)}))"
)


def _said(path: str) -> dict[str, str] | None:
    try:
        done = subprocess.run(
            [path, "-I", "-S", "-c", ASK], capture_output=True, text=True, check=True, timeout=30
        )
        answer: dict[str, str] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return answer


def _install(interpreter: str, packages: tuple[str, ...], place: Path) -> None:
    aside = place.with_name(f"{place.name}.{os.getpid()}.new")
    command = [
        sys.executable, "-m", "pip", "--python", interpreter, "install", "--quiet", "--no-input",
        "--disable-pip-version-check", "--target", str(aside), *packages,
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["pip failed"]
            told = next((line for line in lines if line.startswith("ERROR:")), lines[-1])
            raise NotHad(f"can't install {', '.join(packages)}: {told.removeprefix('ERROR: ')}")
        aside.rename(place)
    except subprocess.TimeoutExpired:
        raise NotHad(f"can't install {', '.join(packages)}: pip takes too long") from None
    except OSError as error:
        if not place.is_dir():  # else another process was quicker
            raise NotHad(f"can't install {', '.join(packages)}: {error.strerror}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
