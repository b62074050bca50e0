"""What lies in folders, told by what a look at each file's entry says: no file is opened.

A file whose time is as young as the look may change once more in the same moment, so nothing is
said of it (as git does: Documentation/technical/racy-git). The time of the last change of the entry
(`st_ctime`) can't be set by anybody, so it is what tells.
"""

import errno
import os
import time
from pathlib import Path
from stat import S_ISLNK

MARGIN = 2_000_000_000
"""Nanoseconds: no file system that is in use has coarser times (FAT)."""

Stamp = tuple[int, int, int, int]
"""Size, time of the content, time of the entry (both in nanoseconds), and number of the entry."""
FOLDER: Stamp = (0, 0, 0, 0)
"""Stands for that of a folder: of it only the name counts."""


def stamp(path: str | Path) -> Stamp:
    """Raises OSError."""
    return stamp_of(os.stat(path))  # noqa: PTH116  # a Path for each costs more than the look


def stamp_of(found: os.stat_result) -> Stamp:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def is_alike(one: Stamp, other: Stamp) -> bool:
    """Whether at most the time of the entry differs, as when a hard link was made: then the
    content tells."""
    return (one[:2], one[3]) == (other[:2], other[3])


class Look:
    """A look at files, at a time."""

    def __init__(self) -> None:
        self.began = time.time_ns()

    def at(self, *paths: str | Path) -> tuple[Stamp, ...] | None:
        """The stamps of files; None if one can't be looked at, may still change unseen, or is a
        link, of which none tells whether it still leads where it may."""
        try:
            found = tuple(map(os.lstat, paths))
        except OSError:
            return None
        stamps = tuple(map(stamp_of, found))
        if any(S_ISLNK(one.st_mode) for one in found) or any(map(self.is_young, stamps)):
            return None
        return stamps

    def is_young(self, one: Stamp) -> bool:
        return max(one[1], one[2]) > self.began - MARGIN


def within(folder: str, *, links: bool = False, folders: bool = False) -> list[tuple[str, Stamp]]:
    """Each file below a folder, with its path from there; what `links` to files lead to as well,
    and the `folders`.

    Raises OSError, also for other links: their own stamps tell nothing of what they lead to, and
    its stamps nothing of where that is. And for what is no file, such as a pipe.
    """
    found: list[tuple[str, Stamp]] = []
    _look_within(folder, "", found, links=links, folders=folders)
    return found


def _look_within(
    folder: str, before: str, found: list[tuple[str, Stamp]], *, links: bool, folders: bool
) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=links):
                found.append((before + entry.name, stamp_of(entry.stat())))
            elif entry.is_dir(follow_symlinks=False):
                inside = f"{before}{entry.name}/"
                if folders:
                    found.append((inside, FOLDER))
                _look_within(entry.path, inside, found, links=links, folders=folders)
            else:
                raise OSError(errno.EINVAL, "it is neither a file nor a folder", entry.path)
