"""A second memory of attempts and of departures, append-only, on another path than the ledger.

A ledger that is restored from a copy has forgotten what was told since, and who has left since. The
journal has not, so it is noticed before anybody is told twice, or is told who has left. Addresses
are in it as names that stand for them (addresses.hidden).
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from errno import ENOSPC
from pathlib import Path
from typing import Any, BinaryIO

from newsletter.model import Kind
from press.problems import Code, Problem, ProblemsFound

LATER = ("covers", "changes")
"""What only some lines have."""
BLOCK = 1 << 16
"""Bytes that are read at once, from the end on."""


@dataclass(frozen=True, slots=True)
class Noted:
    """An attempt, as the journal has it."""

    article_id: str
    title: str
    kind: str
    revision: str
    provider: str
    key: str
    at: str
    deliveries: Sequence[Sequence[str]]
    """Id of each delivery, and a name that stands for its mailbox."""
    turn: int = 1
    """How often these bytes were handed over under this key, with this time. Set by the journal."""
    covers: Sequence[str] = ()
    """Of a digest: the articles that it tells."""
    changes: Sequence[Sequence[str]] = ()
    """Id of an article that was told, and id of a change that it had by then, of each."""


@dataclass(frozen=True, slots=True)
class Left:
    """Mailboxes that must never be written to from then on."""

    at: str
    names: Sequence[str]
    """What stands for each."""
    erased: bool = False
    """Whether all else that is known of them has to go as well."""


@dataclass(frozen=True, slots=True)
class Came:
    """Mailboxes whose owners have confirmed that they want to be told."""

    at: str
    came: Sequence[str]
    """What stands for each."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a ledger goes on whose journal is lost: what it did before is not in this one."""

    at: str
    begun: bool = True


Entry = Noted | Left | Came | Begun


@dataclass(frozen=True, slots=True)
class Journal:
    path: Path
    _turns: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    """The key that was noted last -> how often in a row."""
    _own: dict[int, tuple[int, Entry]] = field(default_factory=dict, compare=False, repr=False)
    """Where the line that was noted last ends in the file -> where it begins, and its entry."""

    def note(self, entry: Entry) -> None:
        """Write an entry down so that it lasts through a power cut. Raises ProblemsFound."""
        if isinstance(entry, Noted):
            entry = replace(entry, turn=self._turn(entry.key))
        # What another process left half written must not take this one with it: it begins a line.
        line = b"\n" + json.dumps(_told(entry), separators=(",", ":")).encode()
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_new = not self.path.exists()
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if os.write(descriptor, line) != len(line):
                    raise OSError(ENOSPC, os.strerror(ENOSPC))
                end = os.lseek(descriptor, 0, os.SEEK_CUR)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if is_new:
                _sync_folder(self.path.parent)
        except OSError as error:
            raise ProblemsFound([_problem(self.path, error)]) from None
        self._own.clear()
        self._own[end] = end - len(line), entry

    def departed(self, at: str, names: Sequence[str], *, erased: bool = False) -> None:
        """Note who has left, if anybody has."""
        if names:
            self.note(Left(at, names, erased))

    def joined(self, at: str, name: str) -> None:
        """Note who has confirmed, if anybody has."""
        if name:
            self.note(Came(at, (name,)))

    def _turn(self, key: str) -> int:
        """A sender has one batch at a time, and hands it over again before it takes the next."""
        turn = self._turns.get(key, 0) + 1
        self._turns.clear()
        self._turns[key] = turn
        return turn

    def newest_first(self) -> Iterator[Entry]:
        """Every entry, read from the end on as far as somebody asks; none without a journal.

        What was noted here, and by nobody since, is not read again: a sender asks for each batch.
        """
        try:
            with self.path.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                if own := self._own.get(end):
                    end, noted = own
                    yield noted
                for line in _lines_before(file, end):
                    if entry := _parsed(line):
                        yield entry
        except FileNotFoundError:
            return
        except OSError as error:
            raise ProblemsFound([_problem(self.path, error)]) from None

    def has_what_was_tried(self) -> bool:
        """Whether attempts of its ledger are here, as far as they are not known to be lost."""
        return any(isinstance(one, Noted | Begun) for one in self.newest_first())

    def all(self) -> Iterator[Entry]:
        """Every entry, oldest first."""
        try:
            with self.path.open("rb") as file:
                for line in file:
                    if entry := _parsed(line):
                        yield entry
        except FileNotFoundError:
            return
        except OSError as error:
            raise ProblemsFound([_problem(self.path, error)]) from None


def _lines_before(file: BinaryIO, end: int) -> Iterator[bytes]:
    """The lines up to a byte of a file, the last one first."""
    rest = b""
    while end:
        start = max(end - BLOCK, 0)
        file.seek(start)
        # The first may have begun in the block before.
        rest, *lines = (file.read(end - start) + rest).split(b"\n")
        yield from reversed(lines)
        end = start
    yield rest


def _told(entry: Entry) -> dict[str, Any]:
    """What a line says; of an article the same as before there were digests and changes."""
    found = asdict(entry)
    return {name: value for name, value in found.items() if name not in LATER or value}


def _sync_folder(folder: Path) -> None:
    """Let a new file's name last as well, where a folder can be synced (not on Windows)."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _parsed(line: bytes) -> Entry | None:
    """A line's entry; None for one that was cut off, whose attempt was never made."""
    try:
        found: dict[str, Any] = json.loads(line)
        entry = _read(found)
        is_sound = _is_noted(entry) if isinstance(entry, Noted) else _is_of_texts(entry)
    except (ValueError, TypeError, RecursionError):
        return None
    return entry if is_sound else None


def _read(found: dict[str, Any]) -> Entry:
    if "names" in found:
        return Left(**found)
    if "begun" in found:
        return Begun(**found)
    return Came(**found) if "came" in found else Noted(**found)


def _is_noted(entry: Noted) -> bool:
    others = ("deliveries", "turn", *LATER)
    texts = (getattr(entry, name) for name in Noted.__slots__ if name not in others)
    pairs = [tuple(pair) for pair in (*entry.deliveries, *entry.changes)]
    words = [word for pair in pairs for word in pair]
    is_text = all(isinstance(word, str) for word in (*texts, *words, *entry.covers))
    is_text &= isinstance(entry.turn, int) and isinstance(entry.covers, list | tuple)
    return is_text and entry.kind in tuple(Kind) and all(len(pair) == 2 for pair in pairs)


def _is_of_texts(entry: Left | Came | Begun) -> bool:
    names = entry.names if isinstance(entry, Left) else ()
    names = entry.came if isinstance(entry, Came) else names
    return all(isinstance(word, str) for word in (entry.at, *names))


def _problem(path: Path, error: OSError) -> Problem:
    message = f"can't use this journal: {error.strerror}"
    hint = "mend that; PROOFPRESS_JOURNAL names another folder for it"
    return Problem(path.name, 0, 0, Code.BAD_LEDGER, message, hint)
