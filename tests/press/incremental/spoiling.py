"""What happens to a site or a cache that nobody meant to change."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.press.incremental.building import CACHE, SITE, paths

Spoil = Callable[[Path, int], None]
"""Spoils a file, in a way that depends on a number."""


def _remove(path: Path, _: int) -> None:
    path.unlink()


def _empty(path: Path, _: int) -> None:
    path.write_bytes(b"")


def _cut(path: Path, number: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: number % (len(content) or 1)])


def _flip(path: Path, number: int) -> None:
    """Change one byte into another that may be as good: a digit or a letter into one, often."""
    content = bytearray(path.read_bytes() or b" ")
    content[number % len(content)] ^= 1
    path.write_bytes(content)


def _flip_slyly(path: Path, number: int) -> None:
    """The same, and the file has the time and size that it had."""
    before = path.stat()
    _flip(path, number)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _garbage(path: Path, number: int) -> None:
    path.write_bytes(bytes(range(256)) * (number % 3 + 1))


def _more(path: Path, _: int) -> None:
    path.write_bytes(path.read_bytes() + b"\n[]")


def _folder(path: Path, _: int) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path, _: int) -> None:
    """It leads out of the folder, to what has the same content."""
    top = next(folder for folder in path.parents if folder.name in (SITE, CACHE))
    aside = top.with_name(f".elsewhere-{path.name}")
    path.replace(aside)
    path.symlink_to(aside)


ONE: Mapping[str, Spoil] = {
    "removed": _remove,
    "emptied": _empty,
    "cut": _cut,
    "flipped": _flip,
    "flipped slyly": _flip_slyly,
    "garbage": _garbage,
    "more": _more,
    "folder": _folder,
    "link": _link,
}
"""What may happen to a file."""


def one(folder: Path, how: str, number: int) -> str:
    """Spoil one file of a folder that is not somebody else's; which one it was."""
    foreign = {folder / path for path in FOREIGN}
    files = [path for path in paths(folder) if path.is_file() and not path.is_symlink()]
    files = [path for path in files if path not in foreign]
    if not files:
        return ""
    path = files[number % len(files)]
    ONE[how](path, number // len(files))
    return path.relative_to(folder).as_posix()


def whole(folder: Path, how: str, kept: Path) -> None:
    """What happens to a folder as a whole. In `kept` is what it was at another time."""
    if how == "kept":
        shutil.rmtree(kept, ignore_errors=True)
        if folder.exists():
            shutil.copytree(folder, kept, symlinks=True)
    elif how == "removed":
        shutil.rmtree(folder, ignore_errors=True)
    elif how == "brought back" and kept.exists():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept, folder, symlinks=True)


WHOLE: Sequence[str] = ("kept", "removed", "brought back")

FOREIGN: Mapping[str, bytes | None] = {
    ".well-known": None,
    ".well-known/mine": b"mine\n",
    "CNAME": b"example.org\n",
}
"""What somebody else put into a site: path -> content, None for a folder."""
