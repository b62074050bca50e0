"""What this machine offers to keep examples in, and the command that starts an interpreter in it.

The levels, from the best: bubblewrap; Linux namespaces without it; Landlock (Linux 5.13), where
those are not to be had; and none, where a watch over Python is all there is, and each example
starts an interpreter of its own.
"""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from press.problems import Code, Problem, ProblemsFound, did_you_mean

INSIDE = Path(__file__).parent / "inside"

SPACE = 500_000_000
"""Bytes that all files of an example may have, where its folder is in memory."""

VARIABLE = "PROOFPRESS_ISOLATION"
"""An environment variable that asks for a level, and for none better."""


class Level(StrEnum):
    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    NONE = "none"

    @property
    def warning(self) -> str:
        """What an author has to know of it; empty for what confines wholly."""
        if self is Level.LANDLOCK:
            return (
                "examples are kept from files by Landlock, but from the network only in Python: "
                "bubblewrap would confine them wholly"
            )
        if self is Level.NONE:
            return (
                "nothing here confines examples: Python is watched, other programs are not, and "
                "each example starts an interpreter of its own, which is slow"
            )
        return ""


WATCHED = {
    Level.BUBBLEWRAP: (),
    Level.NAMESPACES: (),
    Level.LANDLOCK: ("attributes", "network"),
    Level.NONE: ("files", "network"),
}
"""What a watch over Python has to guard, because the system does not, or not all of it."""


class Sandbox(Struct, frozen=True):
    """What examples run in: the interpreter and what they may reach. Equal ones are shared."""

    interpreter: str
    """The executable, no shim and no link of a virtual environment."""
    sites: tuple[str, ...] = ()
    """Folders of installed packages, added to what can be imported."""
    shown: tuple[str, ...] = ()
    """What examples may read of what is hidden otherwise."""
    hidden: tuple[str, ...] = ()
    """What they may not read, besides the home folder."""
    online: bool = False
    """Whether they may reach other hosts."""
    preload: tuple[str, ...] = ()
    """Modules that most of its examples import."""


def own_interpreter() -> str:
    """The interpreter that runs the press, outside of its virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def levels() -> list[Level]:
    """Those to try, the best first. Raises ProblemsFound where none of that name is."""
    wanted = os.environ.get(VARIABLE) or Level.BUBBLEWRAP
    every = list(Level)
    if wanted not in every:
        message = f"{VARIABLE} has no level `{wanted}`"
        hint = did_you_mean(wanted, every) or f"the levels are {', '.join(every)}"
        raise ProblemsFound([Problem(VARIABLE, 0, 0, Code.BAD_CONFIG, message, hint)])
    every = every[every.index(Level(wanted)) :]
    return every if sys.platform == "linux" else [Level.NONE]


def _homes() -> Iterator[str]:
    names = [str(Path("~").expanduser())]
    if os.name == "posix":
        import pwd

        with suppress(KeyError):  # a user without an entry, as in a container
            names.append(pwd.getpwuid(os.getuid()).pw_dir)
    for name in dict.fromkeys(map(os.path.realpath, names)):
        if len(Path(name).parts) > 1 and Path(name).is_dir():
            yield name


def _existing(paths: Iterable[str]) -> list[str]:
    return [path for path in dict.fromkeys(map(os.path.realpath, paths)) if Path(path).exists()]


class Start(Struct, frozen=True):
    """How to start an interpreter that runs examples."""

    command: tuple[str, ...]
    plan: dict[str, object]
    environment: dict[str, str]
    place: Path | None
    """A folder to remove afterwards."""


def start(level: Level, sandbox: Sandbox, *, sized: bool = True) -> Start:
    """What starts a sandbox at a level. Says nothing of whether that level is to be had.

    `sized` says whether bubblewrap can limit a folder in memory, as it can from 0.7 on.
    """
    alone = level in (Level.BUBBLEWRAP, Level.NAMESPACES)
    made = None if alone else Path(tempfile.mkdtemp(prefix="proofpress-")).resolve()
    place = str(made or "/tmp/proofpress")  # noqa: S108  # inside, /tmp is its own
    hidden = [*_homes(), *_existing(sandbox.hidden)]
    shown = _existing([*_of_interpreter(sandbox.interpreter, hidden), str(INSIDE), *sandbox.shown])
    if made:  # where /tmp is everybody's, what others have there is theirs
        hidden.append(os.path.realpath(tempfile.gettempdir()))
        shown.append(place)
    plan: dict[str, object] = {
        "place": place,
        "private": alone,
        "fork": level is not Level.NONE,
        "processes": _process_namespace(),
        "sites": sandbox.sites,
        "preload": sandbox.preload,
        "namespaces": None,
        "fences": {
            "landlock": level is not Level.NONE,
            "readable": around(hidden, shown) if level is Level.LANDLOCK else None,
            "hidden": hidden,
            "shown": shown,
            "online": sandbox.online,
            "watch": WATCHED[level],
        },
    }  # fmt: skip
    command: list[str] = []
    if level is Level.BUBBLEWRAP:
        size = ["--size", str(SPACE)] if sized else []
        command = _bubblewrap(hidden, shown, size, f"{place}/work", online=sandbox.online)
    if level is Level.NAMESPACES:
        covered = _covered(hidden)
        plan["namespaces"] = {
            "hidden": covered, "shown": _again([*shown, *_resolver()], [*covered, "/tmp"]),  # noqa: S108
            "place": "/tmp", "work": f"{place}/work", "space": SPACE,  # noqa: S108
            "online": sandbox.online,
        }  # fmt: skip
    command += [sandbox.interpreter, "-S", "-s", "-B", str(INSIDE / "zygote.py")]
    return Start(tuple(command), plan, _environment(place), made)


def _of_interpreter(path: str, hidden: Iterable[str]) -> list[str]:
    """The folders that an interpreter needs; never one that has what is hidden."""
    prefix = Path(path).parent.parent
    if any(_is_within(one, str(prefix)) for one in hidden):  # such as ~/bin/python3
        return [str(prefix / "bin"), str(prefix / "lib")]
    return [str(prefix)]


def _process_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _environment(place: str) -> dict[str, str]:
    """The same for every example, and without the author's secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    work = Path(place) / "work"
    return {
        **kept,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "tmp"),
    }


def _bubblewrap(
    hidden: list[str], shown: list[str], size: list[str], work: str, *, online: bool
) -> list[str]:
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
    command += ["--share-net"] if online else []
    command += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    covered = _covered(hidden)
    for path in covered:
        command += ["--tmpfs", path]
    command += ["--tmpfs", "/tmp", *size, "--tmpfs", work, *size, "--tmpfs", "/dev/shm"]  # noqa: S108
    for path in _again([*shown, *_resolver()], [*covered, "/tmp"]):  # noqa: S108
        command += ["--ro-bind", path, path]
    for path in [*covered, "/dev"]:
        command += ["--remount-ro", path]
    return [*command, "--hostname", "example", "--chdir", "/", "--"]


def _covered(hidden: Iterable[str]) -> list[str]:
    """What is hidden, but for what the sandbox's own /tmp hides anyway."""
    return [path for path in _existing([*hidden, "/run"]) if not _is_within(path, "/tmp")]  # noqa: S108


def _resolver() -> list[str]:
    """What names of hosts are looked up with, where that is in a hidden place."""
    return _existing(["/run/systemd/resolve"])


def _again(shown: Iterable[str], covered: Iterable[str]) -> list[str]:
    """Of what is shown, that which something covers."""
    return [path for path in shown if any(_is_within(path, one) for one in covered)]


def _is_within(path: str, folder: str) -> bool:
    return Path(path).is_relative_to(folder)


def around(hidden: Iterable[str], shown: Iterable[str]) -> list[str]:
    """The paths that hold all there is but what is hidden, and what is shown of that."""
    hidden = list(hidden)
    found: list[str] = []
    todo = ["/"]
    while todo:
        folder = todo.pop()
        for entry in os.scandir(folder):
            if entry.path in hidden or entry.is_symlink():
                continue  # a link may lead to what is hidden
            if any(_is_within(one, entry.path) for one in hidden):
                todo.append(entry.path)
            else:
                found.append(entry.path)
    return [*found, *shown]
