"""Proofs of earlier runs, by the content of what was proven.

Only what ran well is kept, and of what is skipped that it would still fail. A file that can't be
read is as good as none.
"""

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from press import kept

OLDER = 1000
"""Proofs that are kept though a whole run had no use for them: some are of drafts."""
MOST = 200_000
"""Those that are kept in any case."""

VERSION = "3"
"""Raised when running examples changes in a way that may change their output."""


def key(*parts: str) -> str:
    """A name for content: the same parts, the same name."""
    return sha256(json.dumps([VERSION, *parts]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
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
    """Key of an example -> what is kept of its proof, in one file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "proofs.json"
        self._kept = self._read()
        self._fresh: dict[str, list[Any]] = {}

    def _read(self) -> dict[str, list[Any]]:
        try:
            found = json.loads(kept.read(self._path) or b"")
            return dict(found) if found.pop("version") == VERSION else {}
        except (ValueError, AttributeError, KeyError, TypeError):
            return {}

    def find(self, name: str) -> Kept | None:
        try:
            return Kept(*self._kept[name])
        except (KeyError, TypeError):
            return None

    def keep(self, name: str, proof: Kept) -> None:
        self._fresh[name] = list(astuple(proof))

    def save(self, used: Iterable[str], *, whole: bool) -> None:
        """Write down what is new. What has not been used for long goes, if this run is `whole`:
        one of a few examples has no use for the others."""
        wanted = list(used)
        if not self._fresh and (not whole or set(wanted) >= set(self._kept)):
            return
        everything = {**self._read(), **self._fresh}  # another run may have saved meanwhile
        recent = {name: everything.pop(name) for name in wanted if name in everything}
        most = max(3 * len(recent), OLDER) if whole else MOST
        older = list(everything.items())[-most:]
        proofs = {"version": VERSION, **dict(older), **recent}
        kept.write(self._path, json.dumps(proofs, ensure_ascii=False).encode())
