"""What is installed here, and what confines a process: what examples may depend on besides
themselves, as far as it can be told without running anything.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from press.survey import stamp, within

OURS = Path(__file__).parent

PREFIXES = ("PROOFPRESS_", "PYTHON", "RUST", "CARGO")
"""Of the environment variables, besides PATH and HOME, that a check may depend on."""

TOOLS = (
    "~/.rustup", "~/.rustup/settings.toml", "~/.rustup/toolchains", "~/.cargo/bin",
    "~/.cargo/registry", "/usr/share/cargo/registry", "~/.pyenv/versions",
)  # fmt: skip
"""Where compilers, interpreters and libraries are put besides."""


def digest() -> str:
    """A name for all of it."""
    return _name(facts())


def ours() -> str:
    """A name for our own code, and for the interpreter and the libraries that run it."""
    found = within(str(OURS), links=True)  # a package may be installed as links
    stamps = sorted((name, one) for name, one in found if name.endswith(".py"))
    return _name([sys.version, *stamps, *_folders(sys.path)])


def _name(facts: Iterable[object]) -> str:
    return sha256("".join(map(repr, facts)).encode()).hexdigest()


def _folders(names: Iterable[str]) -> Iterator[object]:
    """What is installed in a folder changes its time."""
    for name in names:
        if name != str(OURS.parent):  # of which the files tell more
            with suppress(OSError):
                yield name, _shims(name) if name.endswith("/shims") else stamp(name)[1]


def _shims(folder: str) -> list[str]:
    """What a manager of versions, such as pyenv, has put on PATH: each leads to a version that is
    elsewhere. It writes into this folder whenever a shell begins, so that its time says nothing.
    """
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208


def facts() -> Iterator[object]:
    """Our interpreter and libraries, the programs that are installed, and what confines them."""
    yield sys.version, sys.executable, getattr(sys, "_base_executable", ""), sys.flags
    names = [name for name in os.environ if name.startswith(PREFIXES)]
    yield [(name, os.environ.get(name)) for name in sorted({*names, "PATH", "HOME"})]
    yield from _folders([*sys.path, *os.environ.get("PATH", "").split(os.pathsep)])
    yield from _folders(map(os.path.expanduser, TOOLS))
    yield shutil.which("bwrap"), getattr(os, "getuid", int)()
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/status"):
        with suppress(OSError):
            yield [one for one in Path(path).read_text().splitlines() if _confines(one)]


def _confines(line: str) -> bool:
    """Whether a line of /proc tells of what this process may do, or of the machine's start."""
    return ":" not in line or line.startswith(("Cap", "Seccomp:", "NoNewPrivs"))
