"""Files of the cache: read if they are there as they were written, written at once or not at all.

A build without a cache is only slower, so nothing here fails. At the end of each file stands the
digest of what is before: one that was damaged is none.
"""

import os
from collections.abc import Set
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

SEAL = 66
"""Bytes that a file has more than its content."""


def read(path: Path) -> bytes | None:
    """What is kept; None for nothing that can be read, or that is not as it was written."""
    try:
        sealed = path.read_bytes()
    except OSError:
        return None
    content, seal = sealed[:-SEAL], sealed[-SEAL:]
    return content if seal == _seal(content) else None


def write(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content + _seal(content))
        aside.replace(path)


def _seal(content: bytes) -> bytes:
    """SHA-256 on a line of its own."""
    return f"\n{sha256(content).hexdigest()}\n".encode()


def forget(folder: Path, pattern: str, used: Set[str], spare: int = 0) -> None:
    """Remove the files of a folder that fit a pattern, but for those whose names are used.

    And but for the newest of the others, `spare` of them: a run may have had no use for drafts.
    """
    with suppress(OSError):
        unused = [path for path in folder.glob(pattern) if path.name not in used]
        if len(unused) <= spare:
            return
        unused.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in unused[spare:]:
            path.unlink(missing_ok=True)
