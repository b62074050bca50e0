"""What a check has said, said again as long as nothing that it depends on has changed.

A check that found no fault depends on the files of the publication, on our own code and the
libraries, on the machine, on what languages run their examples with, and on the time only as far
as an article may come out meanwhile. All of these are compared, by content where they are ours.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from press import kept, machine
from press import root as places

if TYPE_CHECKING:  # to recall takes none of what a check takes
    from press.pipeline import Checked

OURS = Path(__file__).parent


class Said(NamedTuple):
    """What a check has printed."""

    output: str
    errors: str


class Unsure(Exception):
    """There is something whose change could not be told."""


class Memory:
    """What was said of a publication in a form, in one file. One that can't be read is as none."""

    def __init__(self, root: Path, form: str, *, drafts: bool) -> None:
        self._root = root
        name = f"check-{form}{'-drafts' if drafts else ''}.json"
        self._path = places.cache_folder(root) / name
        self._before = _fingerprint(root)

    def recall(self, now: datetime) -> Said | None:
        """What was said, if it would be said again."""
        try:
            memory = json.loads(kept.read(self._path) or b"")
            if (
                self._before
                and memory["fingerprint"] == self._before
                and memory["since"] <= now.timestamp() < memory["until"]
                and all(_version(self._root, *one) == known for *one, known in memory["settings"])
            ):
                return Said(*memory["said"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def keep(self, checked: "Checked", said: Said, now: datetime) -> None:
        """Keep what was said, if it can be told how long it holds."""
        if not self._before or _fingerprint(self._root) != self._before or not _holds(checked):
            return
        assert checked.edition  # noqa: S101  # it has no problems
        to_come = [one.date for one in checked.edition.held_back if one.date > now]
        out = [one.article.date for one in checked.edition.site.articles if one.article.date <= now]
        memory = {
            "fingerprint": self._before,
            "since": max((one.timestamp() for one in out), default=-1e12),
            "until": min((one.timestamp() for one in to_come), default=1e12),
            "settings": list(_settings(self._root, checked)),
            "said": said,
        }
        kept.write(self._path, json.dumps(memory, ensure_ascii=False).encode())


def _holds(checked: "Checked") -> bool:
    """Whether a check would say the same again: no fault, and nothing that is run each time."""
    from press.model import Verdict

    return not checked.problems and all(
        proof.verdict in (Verdict.PROVEN, Verdict.SKIPPED) and not proof.example.setting.online
        for proof in checked.proofs
    )


def _settings(root: Path, checked: "Checked") -> Iterator[list[Any]]:
    """What languages were asked to run examples with, and what that was.

    The plain interpreter is left out: it is a part of the fingerprint.
    """
    told = []
    for proof in checked.proofs:
        setting, language = proof.example.setting, proof.example.fence.language
        one: list[Any] = [
            language,
            setting.requires_python,
            list(setting.packages),
            dict(setting.crates),
        ]
        plain = language in ("python", "pycon") and not any(one[1:3])
        if not plain and one not in told:
            told.append(one)
            yield [*one, _version(root, *one)]


def _version(root: Path, language: str, versions: str, packages: list[str], crates: Any) -> str:
    from press.languages import provers
    from press.model import Setting, Workshop

    setting = Setting(requires_python=versions, packages=tuple(packages), crates=crates)
    return provers()[language].version(setting, Workshop(places.cache_folder(root), root))


def _fingerprint(root: Path) -> str:
    """A name for all that a check reads and runs with; empty where that can't be told."""
    found = sha256()
    try:
        for fact in machine.facts():
            found.update(repr(fact).encode())
        for path, content in _files(root):
            found.update(f"{path!r} {len(content)} ".encode())
            found.update(content)
    except (OSError, Unsure):
        return ""
    return found.hexdigest()


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    """The path and content of each file that a check reads."""
    folders = [root / "content", root / "templates", OURS, places.OURS]
    for name in dict.fromkeys(map(str, folders)):
        yield from _within(name)
    yield _content(str(root / places.FILE))


def _within(folder: str) -> Iterator[tuple[str, bytes]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    yield folder, b""
    for entry in entries:
        if entry.name == "__pycache__":  # what is in it says nothing new, and comes at any time
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _within(entry.path)
        elif not entry.is_file():  # a link to a folder, or a pipe
            raise Unsure
        else:
            yield _content(entry.path)


def _content(path: str) -> tuple[str, bytes]:
    with open(path, "rb") as file:  # noqa: PTH123  # a Path for each costs more than the reading
        return path, file.read()
