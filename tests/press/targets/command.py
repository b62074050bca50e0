"""A program of the author's that copies the site."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.press.targets.folder import tree

COPY = """
import shutil, sys
shutil.rmtree(sys.argv[2], True)
shutil.copytree(sys.argv[1], sys.argv[2])
"""


class Command:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, object] = {
            "run": [sys.executable, "-c", COPY, "{site}", str(path)],
        }
        self.environment = dict(os.environ)

    def files(self) -> dict[str, bytes]:
        return tree(self.path)

    def put(self, path: str, content: bytes) -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_bytes(content)

    def state(self) -> object:
        return None  # it does what it does

    def break_down(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.write_bytes(b"no folder")


@contextmanager
def opened(folder: Path) -> Iterator[Command]:
    yield Command(folder / "www $(touch here) '")
