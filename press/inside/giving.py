"""What a step of an example is given as it begins: its files, and its standard input.

It runs in the example's process, where steps before may have done anything: gone to another folder,
put links where a file is to be, closed streams, or replaced functions.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
import stat
import sys

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL
WRITING |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
UNNAMED = os.O_RDWR | os.O_CREAT | os.O_EXCL
UNNAMED |= getattr(os, "O_TEMPORARY", 0) | getattr(os, "O_BINARY", 0)

# Ours, whatever an example makes of those in their modules:
_open, _write, _close, _seek, _dup2 = os.open, os.write, os.close, os.lseek, os.dup2
_mkdir, _unlink, _lstat, _is_folder = os.mkdir, os.unlink, os.lstat, stat.S_ISDIR
_in_memory = getattr(os, "memfd_create", None)
_numbers = itertools.count()


class NotGiven(Exception):
    """Says why a step can't have what it should."""


def files(folder: str, contents: Mapping[str, str]) -> None:
    """Make files in a folder, whatever is there. Raises NotGiven."""
    for name, content in contents.items():
        try:
            put(folder, name, content.encode("latin-1"))
        except OSError as error:
            raise NotGiven(refusal(name, error)) from None
    for path, finder in [*sys.path_importer_cache.items()]:
        if str(path).startswith(folder):  # it may have looked there in the same tick of the clock
            getattr(finder, "invalidate_caches", int)()


def refusal(name: str, error: OSError) -> str:
    return f"its file `{name}` can't be written: {error.strerror}"


def put(folder: str, name: str, content: bytes) -> None:
    """Make one file, in the place of another or of a link. No link is followed."""
    *above, last = name.split("/")
    for part in above:
        folder += os.sep + part
        try:
            _mkdir(folder)
        except FileExistsError:
            if not _is_folder(_lstat(folder).st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
    path = folder + os.sep + last
    try:
        _unlink(path)
    except FileNotFoundError:
        pass
    descriptor = _open(path, WRITING, 0o666)
    try:
        fill(descriptor, content)
    finally:
        _close(descriptor)


def fill(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[_write(descriptor, rest) :]


def unnamed(content: bytes, folder: str, *, in_memory: Any = _in_memory) -> int:
    """A descriptor of a file without a name, at its start: in memory, or else in a folder."""
    if in_memory:
        descriptor: int = in_memory("stream")
    else:
        path = f"{folder}{os.sep}.{os.getpid()}-{next(_numbers)}"
        descriptor = _open(path, UNNAMED, 0o600)
        if not hasattr(os, "O_TEMPORARY"):
            _unlink(path)
    if content:
        fill(descriptor, content)
        _seek(descriptor, 0, os.SEEK_SET)
    return descriptor


def stream(name: str, number: int, mode: str) -> Any:
    """A standard stream on a descriptor, as an interpreter makes it."""
    raw: Any = io.FileIO(number, mode, closefd=False)
    raw.name = "<" + name + ">"
    made = io.TextIOWrapper(
        io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw),
        encoding="utf-8",
        errors="backslashreplace" if number == 2 else "surrogateescape",
        newline="\n" if mode == "w" and os.name == "posix" else None,
        line_buffering=number == 2,
    )
    made.mode = mode  # type: ignore[misc]
    return made


def stdin(reader: Any, text: str, folder: str) -> Any:
    """Make a text the standard input, which `reader` has read so far; what reads it now.

    That is the same one, for those who have it to go on with, unless it was closed.
    """
    try:
        reader.seek(0, os.SEEK_END)  # nothing that was read ahead is left
    except (OSError, ValueError):  # its descriptor is closed, or it is
        pass
    descriptor = unnamed(text.encode("latin-1"), folder)
    if descriptor:
        _dup2(descriptor, 0)
        _close(descriptor)
    else:  # 0 was closed
        os.set_inheritable(0, True)
    try:
        reader.seek(0)
    except (OSError, ValueError):
        return stream("stdin", 0, "r")
    return reader
