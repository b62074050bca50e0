"""A published series with subscribers, without a build: its manifest is written by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from newsletter import place
from newsletter.model import State
from newsletter.send import Sender, prepare
from newsletter.store import deliveries, subscribers
from newsletter.store.database import Database, open_ledger
from press import manifest
from press.manifest import Entry, Manifest, Series
from tests.conftest import NEWSLETTER, SERIES

SERIES_ENTRY = Series("A Series", "https://example.org/series", "An Author", "en", "About it.")


def entry(number: int, name: str, **values: str) -> Entry:
    """A published article; its date is in the order of its number."""
    page = f"{name}.html"
    date = f"2026-01-{number + 1:02}T00:00:00+00:00"
    url = f"{SERIES_ENTRY.url}/{page}"
    made = Entry(name, number, name, f"On {name}", f"All of {name}.", url, page, date, date, (), ())
    changes: dict[str, Any] = {**values}
    return replace(made, **changes)


@dataclass
class Told:
    """A publication as the newsletter sees it."""

    root: Path
    database: Database

    def publish(self, *entries: Entry) -> None:
        content = manifest.dump(Manifest(SERIES_ENTRY, entries, {}))
        (self.root / "site").mkdir(exist_ok=True)
        (self.root / "site/manifest.json").write_bytes(content)

    def subscribe(self, *names: str) -> None:
        with self.database.transaction() as connection:
            emails = [f"{name}@example.org" for name in names]
            list(subscribers.add(connection, emails, "a test", "2026-01-01T00:00:00+00:00"))

    def unsubscribe(self, name: str) -> None:
        with self.database.transaction() as connection:
            subscribers.remove(
                connection, f"{name}@example.org", "a test", "2026-01-01T00:00:00+00:00"
            )

    @property
    def sender(self) -> Sender:
        return prepare(place.of_author(self.root), self.database)

    def send(self, *chosen: str) -> int:
        """Send what a dry run counts; how many messages that was."""
        count = self.sender.intend(chosen).messages
        self.sender.send(count, chosen)
        return count

    def states(self) -> dict[str, int]:
        with self.database.transaction() as connection:
            counts = {str(state): deliveries.count(connection, state) for state in State}
        return {state: count for state, count in counts.items() if count}

    def mails(self) -> list[EmailMessage]:
        """The messages in the outbox, by recipient and subject."""
        files = sorted((self.root / "var/outbox").glob("*.eml"))
        mails = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
        return sorted(mails, key=lambda mail: (mail["To"], mail["Subject"]))

    def told(self) -> list[tuple[str, str]]:
        """Whom the outbox has a message for, and of which article."""
        return [(mail["To"].partition("@")[0], mail["Subject"]) for mail in self.mails()]


@pytest.fixture
def series(tmp_path: Path) -> Iterator[Told]:
    made = make_series(tmp_path)
    yield made
    made.database.close()


def make_series(root: Path) -> Told:
    (root / "series.toml").write_text(SERIES + NEWSLETTER)
    made = Told(root, open_ledger(place.of_author(root).ledger))
    made.publish(entry(0, "first"), entry(1, "second"))
    return made
