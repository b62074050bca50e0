"""Changes several articles at once: all of them, or none."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from press.problems import Code, Problem, ProblemsFound
from press.root import RENAMING, STEPS
from press.source import FOLDER


@dataclass(frozen=True, slots=True)
class Change:
    """A file of `content/`, or a folder with its `index.md`: its name and its text."""

    old: str
    """Path from the publication's folder."""
    new: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


def replace(root: Path, changes: Sequence[Change]) -> None:
    """Make the changes. Cut off, they are none yet, or `finish` makes the rest of them."""
    aside, ready = root / RENAMING, root / STEPS
    with _reported(root):
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        steps = []
        for number, one in enumerate(changes):
            _write(aside / str(number), one.after)
            digests = [sha256(text).hexdigest() for text in (one.before, one.after)]
            steps.append([one.old, one.new, *digests])
        _write(aside / "new", json.dumps(steps).encode())
        (aside / "new").replace(ready)
    finish(root)


def is_unfinished(root: Path) -> bool:
    """Whether changes were cut off that `finish` would make."""
    return (root / STEPS).is_file()


def finish(root: Path) -> None:
    """Make what is left of changes that were cut off. Raises ProblemsFound, and can be repeated."""
    aside = root / RENAMING
    with _reported(root):
        if is_unfinished(root):
            steps = json.loads((root / STEPS).read_bytes())
            _require_untouched(root, steps)
            for number, (old, new, _, _) in enumerate(steps):
                _step(root / old, root / new, aside / str(number))
        shutil.rmtree(aside, ignore_errors=True)


def _step(old: Path, new: Path, text: Path) -> None:
    is_folder = new.suffix != ".md"
    if is_folder and old != new and old.is_dir():
        old.rename(new)
    if text.exists():
        text.replace(new / "index.md" if is_folder else new)
    if not is_folder and old != new and old.exists() and not old.samefile(new):
        old.unlink()


def _require_untouched(root: Path, steps: Sequence[Sequence[str]]) -> None:
    """Raise ProblemsFound where somebody has changed meanwhile what would be replaced."""
    problems = []
    for old, new, *known in steps:
        for name in dict.fromkeys((old, new)):
            path = root / name if name.endswith(".md") else root / name / "index.md"
            if path.is_file() and sha256(path.read_bytes()).hexdigest() not in known:
                message = "this has changed since a rename began that was cut off"
                hint = f"undo that; or remove {RENAMING}, and look at each change yourself"
                problems.append(Problem(name, 0, 0, Code.REFUSED, message, hint))
    if problems:
        raise ProblemsFound(problems)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _reported(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"can't change this: {error.strerror}"
        hint = "mend that; the same command goes on from here"
        name = Path(str(error.filename2 or error.filename or FOLDER))  # the second is where it went
        where = name.relative_to(root).as_posix() if name.is_relative_to(root) else FOLDER
        raise ProblemsFound([Problem(where, 0, 0, Code.UNREADABLE, message, hint)]) from None
