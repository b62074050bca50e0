"""A build, and all that can be told of it afterwards."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from press import channels, paging, pipeline
from press.model import OutputFile
from press.problems import ProblemsFound
from press.recall import Said
from press.searching import Indexed
from press.unchanged import Unchanged

SITE, CACHE = "site", ".cache"

Tree = dict[str, tuple[int, bytes | None]]
"""Path -> the mode of a file and its content; of a folder there is no content."""


@dataclass(frozen=True)
class Told:
    """What a build has said."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def build(root: Path, now: datetime, *, search: bool = False) -> Told:
    """Build a publication, as the command does. The tests call the build here, nowhere else."""
    memory = Unchanged(root, root / SITE, "searched" if search else "plain")
    if said := memory.recall(now):
        return Told((), tuple(said.errors.splitlines()))
    try:
        with _short_lists():
            built = pipeline.build(root, now, pipeline.Wish(search=index if search else None))
    except ProblemsFound as error:
        return Told(tuple(str(problem) for problem in error.problems))
    warnings = built.edition.warnings
    memory.keep(built, Said("", "\n".join(warnings)), now)
    return Told((), warnings)


def check(root: Path, now: datetime) -> Told:
    """What a check says of the same, with what earlier builds have kept."""
    with _short_lists():
        checked = pipeline.check(root, now)
    return Told(tuple(str(problem) for problem in checked.problems))


@contextmanager
def _short_lists() -> Iterator[None]:
    """So that a few articles make feeds with archives, and lists of several pages."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (channels, paging):
            patch.setattr(module, "SIZE", 2)
        yield


def index(pages: Sequence[OutputFile], cache: Path) -> Indexed:  # noqa: ARG001
    """An index of pages that depends on every byte of them."""
    found = sorted(f"{page.path} {sha256(page.content).hexdigest()}" for page in pages)
    return Indexed((OutputFile("pagefind/pagefind.js", "\n".join(found).encode()),))


def paths(folder: Path) -> Iterator[Path]:
    """All that is in a folder, by name."""
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():  # noqa: PTH208
        path = folder / name
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from paths(path)


def tree(folder: Path) -> Tree:
    found: Tree = {}
    for path in paths(folder):
        mode = path.lstat().st_mode
        content = None if path.is_dir() else path.read_bytes()
        found[path.relative_to(folder).as_posix()] = (mode, content)
    return found


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Path -> which file it is and when it was written, of each."""
    stats = {path: path.lstat() for path in paths(folder)}
    return {
        path.relative_to(folder).as_posix(): (one.st_ino, one.st_mtime_ns)
        for path, one in stats.items()
    }


def differences(found: Tree, wanted: Tree) -> list[str]:
    """The paths at which two trees are not the same, each with how."""
    told = []
    for path in sorted({*found, *wanted}):
        one, other = found.get(path), wanted.get(path)
        if one == other:
            continue
        if one is None or other is None:
            told.append(f"{path} {'is missing' if one is None else 'should not be there'}")
        elif one[0] != other[0]:
            told.append(f"{path} has the mode {one[0]:o}, not {other[0]:o}")
        else:
            told.append(f"{path} differs: {_differs(one[1] or b'', other[1] or b'')}")
    return told


def _differs(one: bytes, other: bytes) -> str:
    at = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    near = slice(max(0, at - 40), at + 60)
    return f"…{one[near]!r}… is not …{other[near]!r}…"
