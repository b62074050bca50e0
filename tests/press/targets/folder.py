"""A folder of this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, object] = {"path": str(path)}
        self.environment = dict(os.environ)

    def files(self) -> dict[str, bytes]:
        return tree(self.path / "current")

    def put(self, path: str, content: bytes) -> None:
        (self.path / "current" / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / "current" / path).unlink(missing_ok=True)
        (self.path / "current" / path).write_bytes(content)

    def state(self) -> object:
        return stamps(self.path)

    def break_down(self) -> None:
        self.path.write_bytes(b"no folder")


class Plain:
    """A folder that shows its own files."""

    values: dict[str, object]

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = dict(os.environ)

    def files(self) -> dict[str, bytes]:
        return tree(self.path)

    def put(self, path: str, content: bytes) -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_bytes(content)

    def state(self) -> object:
        return stamps(self.path)

    def break_down(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.write_bytes(b"no folder")


def stamps(folder: Path) -> object:
    found = sorted(folder.rglob("*"))
    return [(path, path.lstat().st_ino, path.lstat().st_mtime_ns) for path in found]


def tree(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@contextmanager
def opened(folder: Path) -> Iterator[Folder]:
    yield Folder(folder / "www $(touch here) '")
