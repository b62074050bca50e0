"""How long it takes to find whom something is for, among a million with wishes of their own.

    python bench/choosing.py [--count 1000000] [--articles 20] [--postgresql] [--json]

One in ten gets a digest, one in twenty follows a course, one in ten has chosen topics, and one in
fifty pauses. All articles but the first are announced, and nobody was told of any in a digest yet.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from newsletter.intents import Choice, intent  # noqa: E402
from newsletter.plan import Planned  # noqa: E402
from newsletter.store import announcements, audience, picks  # noqa: E402
from newsletter.store.database import Connection, Database, open_ledger  # noqa: E402
from newsletter.store.portions import portions  # noqa: E402
from newsletter.store.schema import consent, subscriber, topic  # noqa: E402
from press.manifest import Entry, Manifest, Series  # noqa: E402
from tests.newsletter import postgres  # noqa: E402

JOINED = "2026-01-01T00:00:00+00:00"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TAGS = ("rust", "async", "css", "types")


def published(count: int) -> Manifest:
    series = Series("A Series", "https://example.org/series", "An Author", "en", "About it.")
    made = Entry("", 0, "", "On It", "About it.", "https://example.org/it.html", "it.html",
                 JOINED, JOINED, (), ())  # fmt: skip
    return Manifest(series, tuple(
        replace(made, id=f"article{n}", slug=f"article{n}", number=n, tags=(TAGS[n % 4],))
        for n in range(count)
    ), {})  # fmt: skip


def rows(count: int) -> Iterator[dict[str, object]]:
    for n in range(1, count + 1):
        cadence = {0: "weekly", 1: "course", 11: "course"}.get(n % 20 if n % 10 else 0, "each")
        yield {
            "id": n, "email": f"reader{n}@example.org", "mailbox": f"reader{n}@example.org",
            "token": f"{n:016x}", "key": f"{n:016x}", "standing": "confirmed",
            "created_at": JOINED, "cadence": "each" if n % 20 == 11 else cadence,
            "every_days": 7 if n % 20 == 1 else 0, "paused": int(n % 50 == 7),
        }  # fmt: skip


def subscribe(connection: Connection, count: int) -> None:
    for some in portions(rows(count), 50_000):
        connection.execute(insert(subscriber), some)
        came = [
            {"subscriber_id": one["id"], "standing": "confirmed", "how": "", "at": JOINED}
            for one in some
        ]
        connection.execute(insert(consent), came)
        chosen = [{"subscriber_id": one["id"], "tag": TAGS[0]} for one in some[3::10]]
        connection.execute(insert(topic), chosen)


def announce(database: Database, manifest: Manifest) -> float:
    """Announce all articles but the last one; the seconds that the last of these took."""
    seconds = 0.0
    with database.transaction() as connection:
        announcements.record_baseline(connection, manifest.articles[:1], JOINED)
        for n, article in enumerate(manifest.articles[1:-1]):
            at = (NOW - timedelta(days=90 - n)).isoformat()
            began = time.perf_counter()
            announcements.record_announcement(connection, Planned(article), at)
            seconds = time.perf_counter() - began
        database.learn(connection)
    return seconds


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    number = work()
    return time.perf_counter() - began, number


def measure(url: str, count: int, articles: int) -> dict[str, float]:
    database = open_ledger(url)
    manifest = published(articles)
    with database.transaction() as connection:
        subscribe(connection, count)
    found = {"an announcement, written down: seconds": announce(database, manifest)}

    def counted() -> int:
        with database.rehearsal() as connection:
            return audience.counted(connection, Planned(manifest.articles[-1])).messages

    def planned(choice: Choice) -> Callable[[], int]:
        def plan() -> int:
            with database.rehearsal() as connection:
                return intent(connection, replace(manifest, articles=manifest.articles[:-1]),
                              choice, NOW).plan.messages  # fmt: skip

        return plan

    def recorded() -> int:
        with database.transaction() as connection:
            made = intent(connection, replace(manifest, articles=manifest.articles[:-1]),
                          Choice(digest=True), NOW).plan  # fmt: skip
            for one in made.picked:
                picks.record(connection, one, NOW.isoformat(timespec="seconds"))
            return made.messages

    for what, work in (
        ("whom a new article is for, counted", counted),
        ("the digests that are due, planned", planned(Choice(digest=True))),
        ("the parts of courses that are due, planned", planned(Choice(course=True))),
        ("the digests, planned and written down", recorded),
        ("no digest that is due, found", planned(Choice(digest=True))),
    ):
        seconds, number = timed(work)
        found[f"{what} ({number:,}): seconds"] = seconds
    database.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how long it takes to find whom to tell.")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--articles", type=int, default=20)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = {"SQLite": f"sqlite:///{folder}/ledger.db"}
        if options.postgresql:
            urls["PostgreSQL"] = stack.enter_context(postgres.cluster()).database()
        for engine, url in urls.items():
            for what, value in measure(url, options.count, options.articles).items():
                found[f"{engine}: {what}"] = value
    if options.json:
        print(json.dumps({"found": found, "processors": os.cpu_count()}))
        return
    for what, value in found.items():
        print(f"{what:75} {value:12,.2f}")


if __name__ == "__main__":
    main()
