"""What each output was made of, and what came of it: one SQLite file, which may go at any time.

A record counts only with the same inputs, by name, as now; so what is recorded can never make a
build wrong, only quick. A file that is damaged, of another version, or can't be written is as none.
"""

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder, Encoder

from press import kept

VERSION = 8
"""Raised when records say something else."""
PATTERN = "made-*.sqlite"
GIST, MARKS = "gist ", "marks "
"""What names begin with: of what a content file says, and of what is known of its examples."""
KEPT = PATTERN.replace("*", str(VERSION))
"""The file of the cache that has what the site was made of."""

Inputs = Mapping[str, str]
"""What something is made of: name of each input -> a digest of it."""

Value = TypeVar("Value")


class Record(Struct, Generic[Value], frozen=True):
    """Something that was made."""

    inputs: Inputs
    value: Value


class _Packed(Struct, frozen=True, array_like=True):
    """A record as it is kept: nobody has asked yet for what was made."""

    inputs: dict[str, str]
    value: Raw


_FAMILY = Decoder(dict[str, _Packed])
_ENCODER = Encoder()
TEXT, TRUTH = Decoder(str), Decoder(bool)


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
        self._packed: dict[str, _Packed] = {}
        self._known: dict[str, Record[Any]] = {}
        """Those that were asked for, and those that are fresh."""
        self._fresh: set[str] = set()
        """The names of those that are not written yet."""
        self._dropped: set[str] = set()
        self._texts: dict[str, str] = {}
        self._full = TEXTS
        self._opened: dict[int, sqlite3.Connection] = {}
        if path:
            self._packed = _read(path)
            if not self._packed and not lent:  # it may be the first of its version
                kept.forget(path.parent, PATTERN, {path.name})

    def find(self, name: str, kind: Decoder[Value]) -> Record[Value] | None:
        """What is recorded under a name, of a kind that is always the same for it."""
        known = self._known.get(name)
        if known is None and name in self._packed:
            known = _unpacked(self._packed[name], kind)
            if known is None:
                del self._packed[name]
            else:
                self._known[name] = known
        return known

    def recall(self, name: str, inputs: Inputs, kind: Decoder[Value]) -> Value | None:
        """What was made of these inputs; None if nothing was."""
        found = self.find(name, kind)
        return found.value if found and found.inputs == inputs else None

    def keep(self, name: str, inputs: Inputs, value: object) -> None:
        self._known[name] = Record(inputs, value)
        self._fresh.add(name)
        self._dropped.discard(name)

    def take_back(self, names: Set[str]) -> None:
        """Know of these again what is written down."""
        for name in names & self._fresh:
            del self._known[name]
        self._fresh -= names

    def drop(self, name: str) -> None:
        """Know nothing of it the next time."""
        self._forget(name)
        self._dropped.add(name)

    def _forget(self, name: str) -> None:
        self._fresh.discard(name)
        self._known.pop(name, None)
        self._packed.pop(name, None)

    def keep_texts(self, texts: Mapping[str, str]) -> None:
        """Keep long texts, each by its name: its SHA-256, in hexadecimal."""
        self._texts |= texts
        if len(self._texts) >= self._full and not self.flush():
            self._full = 2 * len(self._texts)  # they stay here: try seldom

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
        self._packed.clear()
        self._known.clear()
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
        gone = set(self._dropped)
        if used is not None:
            gone |= self._packed.keys() - used - self._fresh
        for name in list(self._fresh):
            if packed := _packed(name, self._known[name]):
                self._packed[name] = packed
            elif name in self._packed:
                gone.add(name)
            else:
                self._forget(name)
        touched = {_family(name) for name in self._fresh | gone}
        for name in gone:
            self._forget(name)
        self._fresh.clear()
        self._dropped.clear()
        if touched:
            its = {name: one for name, one in self._packed.items() if _family(name) in touched}
            _put(self._path, its, touched)
        if used is not None and touched:
            _forget_texts(self._path, set(texts))


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


def _is_there(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113  # False where it may not be looked at


def some(path: Path, names: Iterable[str], kind: Decoder[Value]) -> dict[str, Record[Value]]:
    """The records of these names that a file has, all of a kind, without a look at the others."""
    if not _is_there(path):
        return {}
    wanted = set(filter(_is_text, names))
    found = _families(path, {_family(name) for name in wanted})
    unpacked = {name: _unpacked(one, kind) for name, one in found.items() if name in wanted}
    return {name: one for name, one in unpacked.items() if one}


def drop(path: Path, names: Iterable[str]) -> None:
    """Let a file that is there know nothing of these names."""
    if not _is_there(path):
        return
    gone = set(names)
    families = {_family(name) for name in gone}
    found = _families(path, families)
    _put(path, {name: one for name, one in found.items() if name not in gone}, families)


def _family(name: str) -> str:
    """What is kept together, since it is asked for together: what a content file says, what is
    known of its examples, and what was made of it.
    """
    return name.removeprefix(GIST).removeprefix(MARKS)


def _families(path: Path, families: Iterable[str]) -> dict[str, _Packed]:
    try:
        with closing(_open(path)) as connection:
            return _records(row for one in families for row in connection.execute(GET, (one,)))
    except sqlite3.Error:
        return {}


def _put(path: Path, records: Mapping[str, _Packed], families: Set[str]) -> None:
    """Write the records of whole families. What no record is left of is removed."""
    members: dict[str, dict[str, _Packed]] = {}
    for name, record in records.items():
        members.setdefault(_family(name), {})[name] = record
    rows = []
    for family, its in members.items():
        packed = _ENCODER.encode(its)
        rows.append((family, sha256(packed).digest(), packed))
    if rows:
        _write(path, PUT, rows)
    if gone := families - members.keys():
        _write(path, DROP, [(family,) for family in gone])


def _read(path: Path) -> dict[str, _Packed]:
    if not _is_there(path):
        return {}
    try:
        with closing(_open(path)) as connection:
            rows = connection.execute("SELECT sum, records FROM made").fetchall()
    except sqlite3.Error:
        return {}
    return _records(rows)


def _records(rows: Iterable[tuple[bytes, bytes]]) -> dict[str, _Packed]:
    found: dict[str, _Packed] = {}
    for total, packed in rows:
        with suppress(DecodeError, TypeError):  # whatever a damaged row holds: it is none
            if sha256(packed).digest() == total:
                found.update(_FAMILY.decode(packed))
    return found


def _packed(name: str, record: Record[Any]) -> _Packed | None:
    """None for what can't be kept: the name of a file may be no text."""
    try:
        value = _ENCODER.encode(record.value)
    except UnicodeEncodeError:
        return None
    return _Packed(dict(record.inputs), Raw(value)) if _is_text(name) else None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unpacked(packed: _Packed, kind: Decoder[Value]) -> Record[Value] | None:
    try:
        return Record(packed.inputs, kind.decode(packed.value))
    except DecodeError:
        return None


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
