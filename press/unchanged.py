"""What a build has said, said again where there is nothing to do: found out by a look at each file.

Here nothing is loaded that a build needs. What the last build read and wrote has the stamps that it
had then (`survey`); of a file that was too young for its stamp to tell, the content is compared.
"""

import json
import marshal
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from press import kept, machine, survey
from press.recall import Said
from press.root import FILE, OURS, cache_folder
from press.survey import Stamp

if TYPE_CHECKING:
    from press.pipeline import Built


class _Look(NamedTuple):
    """What was found of all that a build reads."""

    stamps: str
    """A name for the stamps of all files."""
    young: tuple[str, ...]
    """Those whose stamps may stay the same when they change."""


class Unchanged:
    """What is kept of the last build of a publication into a folder."""

    def __init__(self, root: Path, site: Path, how: str) -> None:
        self._root, self._site = root, site
        self._path = cache_folder(root) / f"built-{how}.json"
        self._before = _look(root)

    def recall(self, now: datetime) -> Said | None:
        """What was said, if it would be said again."""
        try:
            memory = json.loads(kept.read(self._path) or b"")
            if (
                self._before
                and memory["read"] == self._before.stamps
                and memory["since"] <= now.timestamp() < memory["until"]
                and memory["young"] == _digests(memory["young"])
                and memory["site"] == _name(survey.within(str(self._site)))
            ):
                return Said(*memory["said"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def keep(self, built: "Built", said: Said, now: datetime) -> None:
        """Keep what would be said now, if it can be told how long that holds."""
        before, edition = self._before, built.edition
        try:
            young = _digests(before.young) if before else {}
            after = _look(self._root)
            if not before or not built.holds or built.stamps is None:
                return
            if after is None or after.stamps != before.stamps:
                return
            to_come = [one.date for one in edition.held_back if one.date > now]
            dates = [one.article.date for one in edition.site.articles]
            memory = {
                "read": before.stamps,
                "young": young,
                "since": max((one.timestamp() for one in dates if one <= now), default=-1e12),
                "until": min((one.timestamp() for one in to_come), default=1e12),
                "site": _name(built.stamps.items()),
                "said": said,
            }
        except OSError:
            return
        kept.write(self._path, json.dumps(memory).encode())  # a name may be no text


def relinked(root: Path, before: Mapping[str, Stamp], linked: Mapping[str, Stamp]) -> None:
    """Let what is kept hold though files of the site have been linked to, and are as they were.

    `before` has the stamps of the whole site at a time, `linked` those of these files since.
    """
    if not all(path in before and survey.is_alike(before[path], linked[path]) for path in linked):
        return
    old, new = _name(before.items()), _name({**before, **linked}.items())
    for path in cache_folder(root).glob("built-*.json"):
        with suppress(ValueError, KeyError, TypeError):
            memory = json.loads(kept.read(path) or b"")
            if memory["site"] == old:
                kept.write(path, json.dumps({**memory, "site": new}).encode())


def _look(root: Path) -> _Look | None:
    """None where something can't be looked at."""
    look = survey.Look()
    found = sha256(repr([machine.ours(), *machine.facts()]).encode())
    try:
        files = list(_files(root))
    except OSError:
        return None
    found.update(_plain(files))
    return _Look(found.hexdigest(), tuple(path for path, one in files if look.is_young(one)))


def _plain(value: list[tuple[str, Stamp]]) -> bytes:
    """Version 2 of what marshal writes has no references: the same values are the same bytes."""
    return marshal.dumps(value, 2)


def _files(root: Path) -> Iterator[tuple[str, Stamp]]:
    """The path and stamp of each file that a build reads."""
    # The order in which a folder has its files is that of its entries: it stays as they do.
    folders = {f"{root}/content": False, f"{root}/templates": False}
    folders.setdefault(str(OURS), True)
    for folder, links in folders.items():
        if os.path.lexists(folder):
            yield folder, survey.FOLDER
            for name, stamp in survey.within(folder, links=links, folders=True):
                yield f"{folder}/{name}", stamp
    yield f"{root}/{FILE}", survey.stamp(f"{root}/{FILE}")


def _digests(paths: Iterable[str]) -> dict[str, str]:
    return {path: sha256(Path(path).read_bytes()).hexdigest() for path in paths}


def _name(stamps: Iterable[tuple[str, Stamp]]) -> str:
    """A name for the stamps of all files of a folder."""
    return sha256(_plain(sorted(stamps))).hexdigest()
