"""How many events a second are taken, against looking at who tells them alone.

    python bench/hooks.py [--count 10000] [--threads 32] [--provider resend] [--postgresql] [--json]

Each event is a request of its own, of another delivery, and answered when it is committed. Half of
the deliveries are delivered, the others bounce, complain or bounce softly. The ledger is a file.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import cycle, pairwise
from pathlib import Path

from sqlalchemy import func, select

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from newsletter.hooks import Hooks  # noqa: E402
from newsletter.journal import Journal  # noqa: E402
from newsletter.model import Fate, State  # noqa: E402
from newsletter.plan import Planned  # noqa: E402
from newsletter.store import announcements, deliveries, subscribers  # noqa: E402
from newsletter.store.database import Database, open_ledger  # noqa: E402
from newsletter.store.schema import delivery, event  # noqa: E402
from newsletter.webhooks import Incoming  # noqa: E402
from press.manifest import Entry  # noqa: E402
from tests.newsletter import postgres, tellers  # noqa: E402

NOW = datetime(2026, 2, 1, tzinfo=UTC)
AT = NOW.isoformat()
FATES = (*(Fate.DELIVERED,) * 5, Fate.SOFT, Fate.SOFT, Fate.BOUNCED, Fate.BOUNCED, Fate.COMPLAINED)


def told(database: Database, count: int) -> list[str]:
    """Ids of deliveries that a provider has accepted."""
    article = Entry("first", 0, "first", "On the First", "All.", "https://example.org/first.html",
                    "first.html", AT, AT, (), ())  # fmt: skip
    with database.transaction() as connection:
        emails = (f"reader{number}@example.org" for number in range(count))
        list(subscribers.add(connection, emails, "a bench", AT))
        announcements.record_announcement(connection, Planned(article), AT)
        ids = list(connection.execute(select(delivery.c.id)).scalars())
        way = (State.PLANNED, State.RESERVED, State.ATTEMPTING, State.ACCEPTED)
        for before, after in pairwise(way):
            deliveries.move(connection, ids, before, after)
    return ids


def requests(name: str, ids: Sequence[str]) -> list[Incoming]:
    teller = tellers.teller(name)
    events = [
        teller.event(fate, one, number)
        for number, (one, fate) in enumerate(zip(ids, cycle(FATES), strict=False))
    ]
    return [teller.request(teller.body([one]), 0, NOW) for one in events]


def hooks(database: Database, folder: Path, name: str) -> Hooks:
    secrets = {name: [tellers.teller(name).secret(0)]}
    journal = Journal(folder / "journal.jsonl")
    return Hooks(database, journal, secrets, clock=lambda: NOW, fetch=tellers.fetch)


def seconds(made: Hooks, name: str, incoming: Sequence[Incoming], threads: int) -> float:
    """Until each is answered, and committed."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(str, range(threads)))  # they are there
        began = time.perf_counter()
        answers = list(pool.map(lambda one: made.take(name, one).status, incoming))
        taken = time.perf_counter() - began
    assert set(answers) == {200}
    return taken


def measure(count: int, threads: int, name: str, *, with_postgresql: bool) -> dict[str, float]:
    found: dict[str, float] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ledgers = {"SQLite": f"sqlite:///{folder / 'ledger.db'}"}
        if with_postgresql:
            ledgers["PostgreSQL"] = stack.enter_context(postgres.cluster()).database()
        for engine, url in ledgers.items():
            database = open_ledger(url)
            incoming = requests(name, told(database, count))
            made = hooks(database, folder, name)
            began = time.perf_counter()
            for one in incoming:
                made._admitted(name, one)
            least = time.perf_counter() - began
            spent = seconds(made, name, incoming, threads)
            with database.transaction() as connection:
                kept = connection.execute(select(func.count()).select_from(event)).scalar_one()
            assert kept == count
            database.close()
            found[f"{engine}: events a second (above 1,000)"] = count / spent
            found[f"{engine}: times looking at them alone"] = spent / least
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast events are taken.")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--provider", default="resend")
    parser.add_argument("--postgresql", action="store_true", help="with a server's ledger as well")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with_postgresql = options.postgresql
    found = measure(
        options.count, options.threads, options.provider, with_postgresql=with_postgresql
    )
    if options.json:
        print(json.dumps({"found": found, "processors": os.cpu_count()}))
        return
    for what, value in found.items():
        print(f"{what:60} {value:12,.2f}")


if __name__ == "__main__":
    main()
