"""Writes what changed, each file at once or not at all; removes what went.

The manifest is written last and names every file, so that a build that was cut off anywhere is
made good by the next one.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from press import manifest
from press.model import OutputFile
from press.problems import Code, Problem, ProblemsFound

FOLDER = "site"


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
        before = _files_before(site)
        changed = [output for output in outputs if _write(site, output)]
        gone = before - {output.path for output in outputs} - {index.path}
        for path in sorted(gone):
            _remove(site, path)
        changed += [index] if _write(site, index) else []
    except OSError as error:
        name = Path(str(error.filename or site))
        where = name.relative_to(root).as_posix() if name.is_relative_to(root) else FOLDER
        message = f"can't write this: {error.strerror}"
        hint = f"mend that, and build again: {FOLDER}/ may be partly new until then"
        raise ProblemsFound([Problem(where, 0, 0, Code.BAD_OUTPUT_FOLDER, message, hint)]) from None
    return Written(len(changed), len(outputs) + 1 - len(changed), len(gone))


def _files_before(site: Path) -> set[str]:
    """The files that the last build made; only these are ever removed."""
    try:
        return {path for path in manifest.load(site).files if _is_inside(path)}
    except ProblemsFound:
        return set()


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/") and "\\" not in path


def _write(site: Path, output: OutputFile) -> bool:
    """Write a file if it is not there with the same content; say whether it was written."""
    target = site / output.path
    try:
        if target.read_bytes() == output.content:
            return False
    except (FileNotFoundError, NotADirectoryError):
        pass
    except IsADirectoryError:
        _remove_empty(target)
    _make_folder(site, target.parent)
    aside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        aside.write_bytes(output.content)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _make_folder(site: Path, folder: Path) -> None:
    """Make a folder, in the place of a file of the site if one has its name."""
    for part in reversed((folder, *folder.parents)):
        if part.is_relative_to(site) and part != site and part.is_file():
            part.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def _remove(site: Path, path: str) -> None:
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
    """A Problem for each path that two outputs share, or that leads out of the site."""
    seen: set[str] = set()
    problems = []
    for output in outputs:
        folded = output.path.lower()  # some file systems fold case
        if folded in seen or not _is_inside(output.path):
            message = "two things of this site would have the same address"
            hint = "change the slug, alias or file name of one of them"
            problems.append(Problem(f"{FOLDER}/{output.path}", 0, 0, Code.DUPLICATE, message, hint))
        seen.add(folded)
    return problems
