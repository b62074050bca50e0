"""A folder that the real rsync writes to."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.press.targets.folder import tree


class Rsync:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, object] = {"destination": str(path)}
        self.environment = {**os.environ, "RSYNC_PASSWORD": "a-secret"}

    def files(self) -> dict[str, bytes]:
        return tree(self.path)

    def put(self, path: str, content: bytes) -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_bytes(content)

    def state(self) -> object:
        found = sorted(self.path.rglob("*"))
        return [(path, path.lstat().st_ino, path.lstat().st_mtime_ns) for path in found]

    def break_down(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"no folder")


@contextmanager
def opened(folder: Path) -> Iterator[Rsync]:
    if not shutil.which("rsync"):
        pytest.skip("needs rsync")
    yield Rsync(folder / "far" / "www $(touch here) '")
