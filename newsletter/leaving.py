"""Lets people go, in the ledger and in its journal: no copy that is restored brings them back.

The ledger comes first: nobody is kept because a journal can't be written.
"""

from collections.abc import Iterable

from newsletter import gates
from newsletter.journal import Journal
from newsletter.store import evidence, following, personal, subscribers
from newsletter.store.database import Database
from newsletter.store.portions import portions
from press.problems import Code, Problem, ProblemsFound

AT_ONCE = 1000
"""Addresses in a transaction, so that nobody waits long for it to end."""


def leave(database: Database, journal: Journal, emails: Iterable[str], how: str, now: str) -> int:
    """Unsubscribe addresses for good; how many of them were subscribers, now or before."""
    known = 0
    for some in portions(emails, AT_ONCE):
        with database.transaction() as connection:
            gates.require_current(database, connection)
            departed = subscribers.remove_all(connection, some, how, now)
        known += departed.known
        journal.departed(now, departed.names)
    return known


def erase(database: Database, journal: Journal, email: str, now: str) -> bool:
    """Forget somebody; whether they were a subscriber.

    Raises ProblemsFound while their address is still needed, to find out whether they were told.
    """
    with database.transaction() as connection:
        gates.require_current(database, connection)
        if personal.on_their_way(connection, email):
            message = "a mail to them is on its way, or what came of one in its batch is unknown"
            hint = "send, or settle it; then erase"
            raise ProblemsFound([Problem(email, 0, 0, Code.REFUSED, message, hint)])
        name = personal.stands_for(connection, email)
        was_known = personal.erase(connection, email, now)
    journal.departed(now, (name,), erased=True)
    return was_known


def record(
    database: Database,
    journal: Journal,
    events: Iterable[evidence.Event],
    now: str,
    most_soft: int = following.MOST_SOFT,
) -> int:
    """Keep what a provider tells, and let those go whose mailboxes it shuts; how many are new."""
    with database.transaction() as connection:
        gates.require_current(database, connection)
        recorded = evidence.record_all(connection, events, now, most_soft)
    journal.departed(now, recorded.names)
    return recorded.new
