"""What each output was made of, and what came of it: one SQLite file, which may go at any time.

A record counts only with the same inputs, by name, as now; so what is recorded can never make a
build wrong, only quick. A file that is damaged, of another version, or can't be written is as none.
"""

import io
import os
import pickle
import sqlite3
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct

from press import kept

VERSION = 7
"""Raised when records say something else."""
PATTERN = "made-*.sqlite"
KEPT = PATTERN.replace("*", str(VERSION))
"""The file of the cache that has what the site was made of."""

Inputs = Mapping[str, str]
"""What something is made of: name of each input -> a digest of it."""

ALLOWED = {
    "press.gist": {"Gist"},
    "press.model": {"Article", "Change", "Heading", "Mark", "Verdict"},
    "press.problems": {"Problem", "Code"},
    "press.results": {"Result"},
    "datetime": {"datetime", "timedelta", "timezone"},
}
"""Module -> what a record may be made of besides plain values: it can't call anything else."""


class Record(Struct, frozen=True):
    """Something that was made."""

    inputs: Inputs
    value: Any


class Damaged(Exception):
    """What was kept can't be had any more: begin again without it."""


class Memory:
    """Name -> Record. What is kept is written when it is saved, all of it or nothing.

    Long texts are looked at one by one, and written as they come: with nothing else they mean
    nothing. One that is `lent` is another's: it is read, and nothing is written.
    """

    def __init__(self, path: Path | None, *, lent: bool = False) -> None:
        self._path = path
        self._lent = lent
        self._records: dict[str, Record] = {}
        self._fresh: dict[str, Record] = {}
        self._dropped: set[str] = set()
        self._texts: dict[str, str] = {}
        self._full = TEXTS
        self._opened: dict[int, sqlite3.Connection] = {}
        if path:
            self._records = _read(path)
            if not self._records and not lent:  # it may be the first of its version
                kept.forget(path.parent, PATTERN, {path.name})

    def find(self, name: str) -> Record | None:
        return self._fresh.get(name) or self._records.get(name)

    def recall(self, name: str, inputs: Inputs) -> Any:
        """What was made of these inputs; None if nothing was."""
        found = self.find(name)
        return found.value if found and found.inputs == inputs else None

    def keep(self, name: str, inputs: Inputs, value: Any) -> None:
        self._fresh[name] = Record(inputs, value)

    def drop(self, name: str) -> None:
        """Know nothing of it the next time."""
        self._fresh.pop(name, None)
        self._records.pop(name, None)
        self._dropped.add(name)

    def keep_text(self, text: str) -> str:
        """Keep a long text, and give the name that it has from now on: its digest."""
        name = sha256(text.encode()).hexdigest()
        self._texts[name] = text
        if len(self._texts) >= self._full and not self.flush():
            self._full = 2 * len(self._texts)  # they stay here: try seldom
        return name

    def flush(self) -> bool:
        """Write the long texts down. Says whether other processes can read them now."""
        if self._path and self._texts and not self._lent:
            rows = [(name, text.encode()) for name, text in self._texts.items()]
            if _write(self._path, PUT_TEXT, rows):
                self._texts.clear()
        return not self._texts

    def text(self, name: str) -> str:
        """A long text by its name. Raises Damaged if it is not as it was."""
        if name in self._texts:
            return self._texts[name]
        try:
            row = self._reading().execute(GET_TEXT, (name,)).fetchone()
            if row and sha256(row[0]).hexdigest() == name:
                return bytes(row[0]).decode()
        except (sqlite3.Error, TypeError):
            pass
        raise Damaged

    def forget(self) -> None:
        """Begin again, from nothing."""
        self._records.clear()
        self._fresh.clear()
        self._texts.clear()
        self.close()
        if self._path:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed."""
        for connection in self._opened.values():
            connection.close()
        self._opened.clear()

    def _reading(self) -> sqlite3.Connection:
        """A connection of this process: none may be taken along into another one."""
        pid = os.getpid()
        if pid not in self._opened:
            assert self._path  # noqa: S101  # without one all texts are here
            self._opened[pid] = _open(self._path)
        return self._opened[pid]

    def save(self, used: Set[str] | None = None, texts: Iterable[str] = ()) -> None:
        """Write down what is new; forget what is not `used` any more, if that is known."""
        self.close()
        if not self._path:
            return
        self.flush()
        unused = set() if used is None else self._records.keys() - used
        gone = (self._dropped | unused) - self._fresh.keys()
        self._dropped.clear()
        touched = {_family(name) for name in (*self._fresh, *gone)}
        self._records |= self._fresh
        self._fresh = {}
        for name in gone:
            self._records.pop(name, None)
        if touched:
            its = {name: one for name, one in self._records.items() if _family(name) in touched}
            _put(self._path, its, touched)
        if used is not None and touched:
            _forget_texts(self._path, set(texts))


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in ALLOWED.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a record")


SCHEMA = (
    "CREATE TABLE IF NOT EXISTS made (family TEXT PRIMARY KEY, sum BLOB, records BLOB)",
    "CREATE TABLE IF NOT EXISTS texts (name TEXT PRIMARY KEY, text BLOB)",
)
PUT = "REPLACE INTO made VALUES (?, ?, ?)"
DROP = "DELETE FROM made WHERE family = ?"
GET = "SELECT sum, records FROM made WHERE family = ?"
PUT_TEXT = "REPLACE INTO texts VALUES (?, ?)"
GET_TEXT = "SELECT text FROM texts WHERE name = ?"
TEXTS = 500
"""Long texts that are held before they are written."""
WAIT = 60
"""Seconds for which another build may write."""


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT)


def some(path: Path, names: Iterable[str]) -> dict[str, Record]:
    """The records of these names that a file has, without a look at the others."""
    if not path.is_file():
        return {}
    wanted = set(names)
    found = _families(path, {_family(name) for name in wanted})
    return {name: one for name, one in found.items() if name in wanted}


def drop(path: Path, names: Iterable[str]) -> None:
    """Let a file that is there know nothing of these names."""
    if not path.is_file():
        return
    gone = set(names)
    families = {_family(name) for name in gone}
    found = _families(path, families)
    _put(path, {name: one for name, one in found.items() if name not in gone}, families)


def _family(name: str) -> str:
    """What is kept together, since it is asked for together: what a content file says, and what is
    known of its examples. They have much in common, which is packed and unpacked once.
    """
    return f"gist {name.removeprefix('marks ')}" if name.startswith("marks ") else name


def _families(path: Path, families: Iterable[str]) -> dict[str, Record]:
    try:
        with closing(_open(path)) as connection:
            return _records(row for one in families for row in connection.execute(GET, (one,)))
    except sqlite3.Error:
        return {}


def _put(path: Path, records: Mapping[str, Record], families: Set[str]) -> None:
    """Write the records of whole families. What no record is left of is removed."""
    members: dict[str, dict[str, tuple[Inputs, Any]]] = {}
    for name, record in records.items():
        members.setdefault(_family(name), {})[name] = (dict(record.inputs), record.value)
    rows = []
    for family, its in members.items():
        packed = pickle.dumps(its, protocol=5)
        rows.append((family, sha256(packed).digest(), packed))
    if rows:
        _write(path, PUT, rows)
    if gone := families - members.keys():
        _write(path, DROP, [(family,) for family in gone])


def _read(path: Path) -> dict[str, Record]:
    if not os.path.isfile(path):  # noqa: PTH113  # False where it may not be looked at
        return {}
    try:
        with closing(_open(path)) as connection:
            rows = connection.execute("SELECT sum, records FROM made").fetchall()
    except sqlite3.Error:
        return {}
    return _records(rows)


def _records(rows: Iterable[tuple[bytes, bytes]]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for total, packed in rows:
        # Whatever a damaged row holds: it is none.
        with suppress(Exception):
            if sha256(packed).digest() == total:
                its = _Unpickler(io.BytesIO(packed)).load()
                found |= {name: Record(*one) for name, one in its.items()}
    return found


def _write(path: Path, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Write all or nothing. Says whether it is written: a cache may be as none."""
    for _ in range(2):
        try:
            _store(path, statement, rows)
        except sqlite3.OperationalError:  # it is full, may not be written, or is in use
            return False
        except sqlite3.DatabaseError:  # no database, or one that is damaged: begin again
            with suppress(OSError):
                path.unlink(missing_ok=True)
        except OSError:
            return False
        else:
            return True
    return False


def _store(path: Path, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=WAIT)) as connection, connection:
        # A power cut may lose what was not yet on the disk: the sums tell.
        connection.execute("PRAGMA synchronous=OFF")
        for table in SCHEMA:
            connection.execute(table)
        connection.executemany(statement, rows)


def _forget_texts(path: Path, used: Set[str]) -> None:
    with suppress(sqlite3.Error), closing(_open(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM texts")}
        _write(path, "DELETE FROM texts WHERE name = ?", [(name,) for name in names - used])
