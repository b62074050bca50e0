"""What lies in folders, told by what a look at each file's entry says: no file is opened.

A file whose time is as young as the look may change once more in the same moment, so nothing is
said of it (as git does: Documentation/technical/racy-git). The time of the last change of the entry
(`st_ctime`) can't be set by anybody, so it is what tells.
"""

import errno
import os
import time
from pathlib import Path

MARGIN = 2_000_000_000
"""Nanoseconds: no file system that is in use has coarser times (FAT)."""

Stamp = tuple[int, int, int, int]
"""Size, time of the content, time of the entry (both in nanoseconds), and number of the entry."""


def stamp(path: str | Path) -> Stamp:
    """Raises OSError."""
    return stamp_of(os.stat(path))  # noqa: PTH116  # a Path for each costs more than the look


def stamp_of(found: os.stat_result) -> Stamp:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


class Look:
    """A look at files, at a time."""

    def __init__(self) -> None:
        self.began = time.time_ns()

    def at(self, *paths: str | Path) -> tuple[Stamp, ...] | None:
        """The stamps of files; None if one can't be looked at, or may still change unseen."""
        try:
            stamps = tuple(map(stamp, paths))
        except OSError:
            return None
        return None if any(map(self.is_young, stamps)) else stamps

    def is_young(self, one: Stamp) -> bool:
        return max(one[1], one[2]) > self.began - MARGIN


def within(folder: str) -> list[tuple[str, Stamp]]:
    """Each file below a folder, links to files followed, with its path from there.

    Raises OSError, also for a link to a folder: what is in there is not looked at.
    """
    found: list[tuple[str, Stamp]] = []
    _look_within(folder, "", found)
    return found


def _look_within(folder: str, before: str, found: list[tuple[str, Stamp]]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir():
                found.append((before + entry.name, stamp_of(entry.stat())))
            elif entry.is_symlink():
                raise NotADirectoryError(errno.ENOTDIR, "it is a link to a folder", entry.path)
            else:
                _look_within(entry.path, f"{before}{entry.name}/", found)
