"""What a verb of the newsletter opens first: the publication it is called in, and its ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.journal import Journal
    from newsletter.place import Place
    from newsletter.store.database import Connection, Database


def here() -> "Place":
    from newsletter import place
    from press import root

    return place.of_author(root.find(Path.cwd()))


@contextmanager
def ledger(where: "Place", *, make: bool = True) -> Iterator["Database"]:
    """The ledger, open; without `make`, an empty one in memory stands for one that is not there."""
    from newsletter.store.database import empty_ledger, is_there, open_ledger

    there = make or is_there(where.ledger)
    database = open_ledger(where.ledger) if there else empty_ledger()
    try:
        yield database
    finally:
        database.close()


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def journal_of(where: "Place", connection: "Connection") -> "Journal":
    """The journal of an open ledger."""
    from newsletter.journal import Journal
    from newsletter.store import identity

    return Journal(where.journals / f"{identity.name(connection)}.jsonl")
