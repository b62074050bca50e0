"""What `make` shows: the newest article, announced to a sample subscriber in demo/."""

from datetime import UTC, datetime

from newsletter.place import Place
from newsletter.plan import NEWEST
from newsletter.send import Choice, prepare
from newsletter.store import announcements, subscribers
from newsletter.store.database import Database

SAMPLE = "reader@example.org"


def announce(place: Place, database: Database) -> str:
    """Announce what the demonstration's ledger does not know yet; one line on what was done."""
    sender = prepare(place, database, provider="outbox")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with database.transaction() as connection:
        list(subscribers.add(connection, [SAMPLE], "the demonstration", now))
        first = not announcements.known(connection)
    choice = Choice(announce=[NEWEST] if first else [])
    count = sender.intend(choice).messages
    sender.send(count, choice)
    newest = max(place.outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, default=None)
    where = newest.relative_to(place.root).as_posix() if newest else "demo/outbox/"
    done = f"announced {count} to" if count else "nothing new to announce to"
    return f"{done} the sample subscriber {SAMPLE}: {where}"
