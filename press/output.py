"""Writes what changed, each file at once or not at all; removes what went.

The manifest is written last and names every file, so that a build that was cut off anywhere is
made good by the next one.
"""

import os
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from press import manifest
from press.fields import BAD_CHARACTER
from press.model import OutputFile
from press.problems import Code, Problem, ProblemsFound

FOLDER = "site"
ASIDE = ".{}.new"
"""A file while it is being written; the braces hold the process that writes."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many files of the site were written, left as they were, and removed."""

    written: int
    unchanged: int
    removed: int


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def write(root: Path, outputs: Sequence[OutputFile], index: OutputFile) -> Written:
    """Bring the site to these files, `index` (the manifest) last. Raises ProblemsFound."""
    site = root / FOLDER
    try:
        _clear_aside(site)
        before = _files_before(site)
        gone = before - {output.path for output in outputs} - {index.path}
        for path in sorted(gone):  # first: a new file may take the place of an old folder
            _remove(site, path)
        changed = [output for output in (*outputs, index) if _write(site, output, before)]
    except OSError as error:
        name = Path(str(error.filename or site))
        where = name.relative_to(root).as_posix() if name.is_relative_to(root) else FOLDER
        message = f"can't write this: {error.strerror}"
        hint = f"mend that, and build again: {FOLDER}/ may be partly new until then"
        raise ProblemsFound([Problem(where, 0, 0, Code.BAD_OUTPUT_FOLDER, message, hint)]) from None
    return Written(len(changed), len(outputs) + 1 - len(changed), len(gone))


def _clear_aside(site: Path) -> None:
    """Remove what a build that was cut off left half written."""
    for path in site.glob(ASIDE.format("*")):
        if path.name.split(".")[1].isdecimal():
            path.unlink(missing_ok=True)


def _files_before(site: Path) -> set[str]:
    """The files that the last build made; only these are ever removed."""
    try:
        return set(manifest.load(site).files)
    except ProblemsFound:
        return set()


def _is_inside(path: str) -> bool:
    return not {"", ".", ".."} & set(path.split("/")) and "\\" not in path


def _write(site: Path, output: OutputFile, before: Set[str]) -> bool:
    """Write a file if it is not there with the same content; say whether it was written."""
    target = site / output.path
    try:
        if not target.is_symlink() and target.read_bytes() == output.content:
            return False
    except (FileNotFoundError, NotADirectoryError):
        pass
    except IsADirectoryError:
        _remove_empty(target)
    _make_folders(site, output.path, before)
    aside = site / ASIDE.format(os.getpid())
    try:
        aside.write_bytes(output.content)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _make_folders(site: Path, path: str, before: Set[str]) -> None:
    """Make the folders of a file, in the place of what an earlier build made there."""
    site.mkdir(exist_ok=True)
    for depth in range(1, path.count("/") + 1):
        name = "/".join(path.split("/")[:depth])
        folder = site / name
        if folder.is_symlink() or (name in before and folder.is_file()):
            folder.unlink()  # a link would lead out of the site
        folder.mkdir(exist_ok=True)


def _remove(site: Path, path: str) -> None:
    if not (site / path).parent.resolve().is_relative_to(site.resolve()):
        return  # by way of a link or of `..`, it is not ours
    with suppress(NotADirectoryError):
        (site / path).unlink(missing_ok=True)
    for folder in (site / path).parents:
        if folder == site or not _remove_empty(folder):
            break


def _remove_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def unsafe_or_doubled(outputs: Iterable[OutputFile]) -> list[Problem]:
    """A Problem for each path that can't be an address, or that two outputs would take."""
    paths = [output.path for output in outputs]
    folded = Counter(path.lower() for path in paths)  # some file systems fold case
    folders = {
        path.rsplit("/", depth)[0] for path in folded for depth in range(1, path.count("/") + 1)
    }
    problems = []
    for path in {path.lower(): path for path in sorted(paths)}.values():
        if not _is_inside(path) or BAD_CHARACTER.search(path):
            message, hint = "this can't be an address of the site", "rename it"
        elif folded[path.lower()] > 1 or path.lower() in folders:
            message = "two things of this site would have the same address"
            hint = "change the slug, alias or file name of one of them"
        else:
            continue
        problems.append(Problem(f"{FOLDER}/{path}", 0, 0, Code.DUPLICATE, message, hint))
    return problems
