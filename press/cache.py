"""Proofs of earlier runs, by the content of what was proven.

Only what ran well is kept. A file that can't be read is as good as none.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

VERSION = "1"
"""Raised when running examples changes in a way that may change their output."""


def key(*parts: str) -> str:
    """A name for content: the same parts, the same name."""
    return sha256(json.dumps([VERSION, *parts]).encode()).hexdigest()


class Proofs:
    """Key of an example -> its observed output, in one file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "proofs.json"
        self._outputs = self._read()
        self._fresh: dict[str, str] = {}

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(k): str(v) for k, v in found.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def output(self, name: str) -> str | None:
        return self._outputs.get(name)

    def keep(self, name: str, output: str) -> None:
        self._fresh[name] = output

    def save(self, used: Iterable[str]) -> None:
        """Write down what is new. What has not been used for long goes."""
        wanted = list(used)
        if not self._fresh and set(wanted) >= set(self._outputs):
            return
        everything = {**self._outputs, **self._fresh}
        recent = {name: everything.pop(name) for name in wanted if name in everything}
        older = list(everything.items())[-(3 * len(recent) + 100) :]
        self._write(dict(older) | recent)

    def _write(self, outputs: dict[str, str]) -> None:
        aside = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        with suppress(OSError):  # a build without a cache is only slower
            self._path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(outputs, ensure_ascii=False), encoding="utf-8")
            aside.replace(self._path)
