"""A folder that the real rsync writes to."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.press.targets.folder import Plain


class Rsync(Plain):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.values = {"destination": str(path)}
        self.environment["RSYNC_PASSWORD"] = "a-secret"


@contextmanager
def opened(folder: Path) -> Iterator[Rsync]:
    if not shutil.which("rsync"):
        pytest.skip("needs rsync")
    yield Rsync(folder / "far" / "www $(touch here) '")
