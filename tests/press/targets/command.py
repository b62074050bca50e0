"""A program of the author's that copies the site."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.press.targets.folder import Plain

COPY = """
import shutil, sys
shutil.rmtree(sys.argv[2], True)
shutil.copytree(sys.argv[1], sys.argv[2])
"""


class Command(Plain):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.values = {"run": [sys.executable, "-c", COPY, "{site}", str(path)]}


@contextmanager
def opened(folder: Path) -> Iterator[Command]:
    yield Command(folder / "www $(touch here) '")
