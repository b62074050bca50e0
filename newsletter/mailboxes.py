"""A mailbox that bounces come to, on this machine: each of its mails is taken once.

In a maildir, what is taken is marked as seen. An mbox is not written to: its mails are known again.
What tells nothing stays as it is, for somebody to read.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from mailbox import Error, mbox
from pathlib import Path

from newsletter import leaving, returned
from newsletter.journal import Journal
from newsletter.returned import MOST_BYTES, Returned
from newsletter.store import notes
from newsletter.store.database import Database
from newsletter.store.deliveries import mailboxes_of
from newsletter.store.evidence import Event
from newsletter.store.portions import portions
from press.problems import Code, Problem, ProblemsFound

PROVIDER = "smtp"
AT_ONCE = 100
"""Mails in a transaction; what they tell is in memory together."""
SEEN = "S"


@dataclass(slots=True)
class Counts:
    """What came of the mails of a mailbox."""

    taken: int = 0
    known: int = 0
    """Taken before."""
    strange: int = 0
    """They tell nothing of a delivery of ours, and are left."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes what mails tell, for a ledger."""

    database: Database
    journal: Journal
    returns_to: str
    """The address that bounces go to, with `{delivery}`; empty without one."""
    most_soft: int
    now: str
    counts: Counts = field(default_factory=Counts)

    def read(self, path: Path) -> Counts:
        """Take the mails of a maildir or an mbox. Raises ProblemsFound."""
        with _problems_of(path):
            mails = ((name, _read(raw, self.returns_to)) for name, raw in _mails(path))
            for some in portions(mails, AT_ONCE):
                self._take(path, some)
        return self.counts

    def _take(self, path: Path, told: Sequence[tuple[str, Returned | None]]) -> None:
        ids = [one for _, said in told if said for one in said.delivery_ids]
        with self.database.transaction() as connection:
            ours = mailboxes_of(connection, ids) | notes.mailboxes_of(connection, ids)
        events = {name: event for name, said in told if said and (event := _event(said, ours))}
        new = leaving.record(self.database, self.journal, events.values(), self.now, self.most_soft)
        self.counts.taken += new
        self.counts.known += len(events) - new
        self.counts.strange += len(told) - len(events)
        for name in events if path.is_dir() else ():
            _mark_as_seen(path, name)


def _read(raw: bytes, returns_to: str) -> Returned | None:
    try:
        return returned.read(raw, returns_to)
    except Exception:  # noqa: BLE001  # strangers write them: one that can't be read keeps no other
        return None


def _event(told: Returned, ours: Mapping[str, str]) -> Event | None:
    """The event of a mail, if it is of one that we have sent, and of its own mailbox."""
    for one in told.delivery_ids:
        if one in ours and (told.addresses is None or ours[one] in told.addresses):
            return Event(PROVIDER, told.fate, one, told.raw, told.dedupe)
    return None


def _mails(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each mail that is there; of a maildir, of those that are not seen."""
    if path.is_file():
        box = mbox(path, create=False)
        yield from ((str(key), box.get_bytes(key)) for key in box.iterkeys())
        box.close()
        return
    if not all((path / name).is_dir() for name in ("cur", "new", "tmp")):
        message = "this is neither a maildir nor an mbox"
        hint = "a maildir is a folder that has cur, new and tmp in it"
        raise ProblemsFound([Problem(str(path), 0, 0, Code.BAD_INPUT, message, hint)])
    for folder in ("new", "cur"):
        for file in sorted((path / folder).iterdir()):
            if file.is_file() and SEEN not in _flags(file.name):
                with file.open("rb") as opened:
                    yield f"{folder}/{file.name}", opened.read(MOST_BYTES + 1)


def _flags(name: str) -> str:
    """See "Using maildir format": what a name says of its mail, after `:2,`."""
    return name.partition(":2,")[2]


def _mark_as_seen(maildir: Path, name: str) -> None:
    file = maildir / name
    flags = "".join(sorted({*_flags(file.name), SEEN}))
    file.rename(maildir / "cur" / f"{file.name.partition(':')[0]}:2,{flags}")


@contextmanager
def _problems_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, Error) as error:
        reason = getattr(error, "strerror", None) or "it can't be read"
        message = f"can't read this mailbox: {reason}"
        raise ProblemsFound([Problem(str(path), 0, 0, Code.UNREADABLE, message)]) from None
