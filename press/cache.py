"""Proofs of earlier runs, by the content of what was proven.

Only what ran well is kept, and of what is skipped that it would still fail. A file that can't be
read is as good as none.
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

OLDER = 1000
"""Proofs that are kept though this run had no use for them: it may be one of few examples."""

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
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return dict(found) if found.pop("version") == VERSION else {}
        except (OSError, ValueError, AttributeError, KeyError, TypeError):
            return {}

    def find(self, name: str) -> Kept | None:
        try:
            return Kept(*self._kept[name])
        except (KeyError, TypeError):
            return None

    def keep(self, name: str, kept: Kept) -> None:
        self._fresh[name] = list(astuple(kept))

    def save(self, used: Iterable[str]) -> None:
        """Write down what is new. What has not been used for long goes."""
        wanted = list(used)
        if not self._fresh and set(wanted) >= set(self._kept):
            return
        everything = {**self._read(), **self._fresh}  # another run may have saved meanwhile
        recent = {name: everything.pop(name) for name in wanted if name in everything}
        older = list(everything.items())[-max(3 * len(recent), OLDER) :]
        self._write(dict(older) | recent)

    def _write(self, kept: Mapping[str, list[Any]]) -> None:
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        with suppress(OSError):  # a build without a cache is only slower
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"version": VERSION, **kept}, ensure_ascii=False)
            aside.write_text(text, encoding="utf-8")
            aside.replace(self._path)
