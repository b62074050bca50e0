"""Proofs of earlier runs, by the content of what was proven.

Only what ran well is kept, and of what is skipped that it would still fail. A file that can't be
read is as good as none.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from press import kept, survey

OLDER = 1000
"""Proofs that are kept though a whole run had no use for them: some are of drafts."""
MOST = 200_000
"""Those that are kept in any case."""

VERSION = "4"
"""Raised when running examples changes in a way that may change their output."""


def key(*parts: str) -> str:
    """A name for content: the same parts, the same name."""
    return sha256(json.dumps([VERSION, *parts]).encode()).hexdigest()


class Kept(NamedTuple):
    """What is kept of a proof."""

    output: str
    how: str
    status: int | None
    seconds: float
    passes: bool | None
    """None for one that is proven; for one that is skipped, whether it would be."""
    level: str
    """Of the isolation that it ran at."""


class Proofs:
    """Key of an example -> what is kept of its proof, in one file.

    It has the version in its first line and a proof in each other, its key and JSON: a build asks
    for those of one article most times, so only what is asked for is read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "proofs"
        self._kept = self._read()
        self._fresh: dict[str, str] = {}
        self._wrong: set[str] = set()

    def _read(self) -> Mapping[str, str]:
        try:
            return _lines(self._path, survey.stamp(self._path))
        except OSError:
            return {}

    def find(self, name: str) -> Kept | None:
        found = self._kept.get(name)
        return Kept(*json.loads(found)) if found else None

    def keep(self, name: str, proof: Kept) -> None:
        self._fresh[name] = json.dumps(proof, ensure_ascii=False)

    def drop(self, name: str) -> None:
        """Forget what is kept of one that has failed: it holds no more."""
        self._wrong.add(name)

    def save(self, used: Iterable[str], *, whole: bool) -> None:
        """Write down what is new. What has not been used for long goes, if this run is `whole`:
        one of a few examples has no use for the others."""
        wanted = list(used)
        is_less = self._wrong & set(self._kept) or (whole and not set(wanted) >= set(self._kept))
        if not self._fresh and not is_less:
            return
        everything = {**self._read(), **self._fresh}  # another run may have saved meanwhile
        for name in self._wrong & set(everything):
            del everything[name]
        recent = {name: everything.pop(name) for name in wanted if name in everything}
        most = max(3 * len(recent), OLDER) if whole else MOST
        older = list(everything.items())[-most:]
        lines = [f"{name} {proof}" for name, proof in (*older, *recent.items())]
        kept.write(self._path, "\n".join([VERSION, *lines]).encode())


@lru_cache(maxsize=1)  # a preview asks for one article of the same file again and again
def _lines(path: Path, _stamp: survey.Stamp) -> Mapping[str, str]:
    version, *lines = (kept.read(path) or b"").decode().split("\n")
    return dict(line.split(" ", 1) for line in lines) if version == VERSION else {}
