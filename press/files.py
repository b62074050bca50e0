"""The files of a publication: what is hidden is left out, no link leads out of it, none is half.

A publication may be somebody else's, whose links would publish files of who builds it.
"""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

OF_EDITORS = re.compile(r".*~|#.*#|4913|.*\.sw[op]|.*___jb_(?:tmp|old)___|.*\.tmp(?:\.\d+)+")
"""Names of what Vim, Emacs, those of JetBrains and others write beside a file: nobody means it."""


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is no part of a publication, wherever it lies."""
    return name.startswith(".") or bool(OF_EDITORS.fullmatch(name))


def within(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each file, with its path from the folder, with slashes."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not any(map(is_hidden, name.parts)) and _is_file(path):
            yield name.as_posix(), path


def _is_file(path: Path) -> bool:
    """Also of what can't be looked at: who reads it is told why."""
    try:
        return S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):  # a link to nowhere
        return False
    except OSError:
        return True


def read(path: Path, top: Path, root: Path) -> bytes:
    """The content of a file of the folder `top` of the publication at `root`.

    Raises OSError, also for one that lies in neither.
    """
    require_own(path, top, root)
    if not S_ISREG(path.stat().st_mode) and not path.is_dir():  # which is told by the reading
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return path.read_bytes()


def write(place: Path, text: str) -> None:
    """Write a file at once or not at all, and its folder if that is not there. Raises OSError."""
    place.parent.mkdir(exist_ok=True)
    aside = place.with_name(f".{place.name}.new")
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)


def require_own(path: Path, top: Path, root: Path) -> None:
    """Raises OSError for a file that lies neither in the folder `top` nor in the publication."""
    real = os.path.realpath(path)
    if not any(Path(real).is_relative_to(os.path.realpath(one)) for one in (top, root)):
        raise OSError(errno.EPERM, "it is a link that leads out of the publication", str(path))
