"""What waits to be taken again, by name: a few things at hand, and the others in a file.

So a build of ten thousand articles holds only those that it works on.
"""

import errno
import pickle
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Generic, TypeVar, cast

Kept = TypeVar("Kept")

AT_HAND = 16


class Shelf(Generic[Kept]):
    """Name -> a value that can be pickled. The file has no name, and goes with the shelf."""

    def __init__(self, folder: Path, at_hand: int = AT_HAND) -> None:
        self._folder = folder
        self._most = at_hand
        self._file: IO[bytes] | None = None
        self._end = 0
        self._at_hand: dict[str, Kept] = {}
        self._places: dict[str, tuple[int, int]] = {}
        """Offset and size in the file."""

    def __del__(self) -> None:
        if self._file:
            self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._at_hand or name in self._places

    def put(self, name: str, value: Kept) -> None:
        self._places.pop(name, None)
        self._at_hand[name] = value
        if len(self._at_hand) > self._most:
            oldest = next(iter(self._at_hand))
            try:
                self._store(oldest, self._at_hand[oldest])
            except OSError:  # there is no room: then in memory
                return
            del self._at_hand[oldest]

    def get(self, name: str) -> Kept | None:
        if name in self._at_hand or self._file is None or name not in self._places:
            return self._at_hand.get(name)
        offset, size = self._places[name]
        self._file.seek(offset)
        return cast("Kept", pickle.loads(self._file.read(size)))  # noqa: S301  # nobody else's

    def _store(self, name: str, value: Kept) -> None:
        content = pickle.dumps(value, protocol=5)
        if self._file is None:
            folder = self._folder if self._folder.is_dir() else None
            # Without a buffer: what does not fit is told when it is written, and never later.
            self._file = TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115  # it stays open
        self._file.seek(self._end)
        if self._file.write(content) < len(content):
            raise OSError(errno.ENOSPC, "there is no room")
        self._places[name] = self._end, len(content)
        self._end += len(content)
