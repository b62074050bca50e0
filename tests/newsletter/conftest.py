"""A published series with subscribers, without a build: its manifest is written by hand."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from newsletter import place
from newsletter.model import State
from newsletter.send import Choice, Sender, prepare
from newsletter.store import announcements, subscribers, tallies
from newsletter.store.database import Database, open_ledger
from press import manifest
from press.manifest import Entry, Manifest, Series
from tests.conftest import NEWSLETTER, SERIES
from tests.newsletter import postgres

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that have to be free there."""


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory, where there is room: ledgers sync what they write, and no test cuts the power."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path_factory.mktemp("newsletter")
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


SERIES_ENTRY = Series("A Series", "https://example.org/series", "An Author", "en", "About it.")


def entry(number: int, name: str, **values: object) -> Entry:
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
    files: dict[str, str] = field(default_factory=dict)
    """Path of each file of the site -> its hash, as the manifest has it."""

    def publish(self, *entries: Entry) -> None:
        content = manifest.dump(Manifest(SERIES_ENTRY, entries, self.files))
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
        return prepare(self.place, self.database)

    @property
    def place(self) -> place.Place:
        return replace(place.of_author(self.root), journals=self.root / "journals")

    def send(self, *chosen: str) -> int:
        """Send what a dry run counts; how many messages that was."""
        count = self.sender.intend(Choice(chosen)).messages
        self.sender.send(count, Choice(chosen))
        return count

    def states(self) -> dict[str, int]:
        with self.database.transaction() as connection:
            counts = {str(state): tallies.count(connection, state) for state in State}
        return {state: count for state, count in counts.items() if count}

    def known(self) -> bool:
        """Whether anything was announced."""
        with self.database.transaction() as connection:
            return bool(announcements.known(connection))

    def mails(self) -> list[EmailMessage]:
        """The messages in the outbox, by recipient and subject."""
        files = sorted((self.root / "var/outbox").glob("*.eml"))
        mails = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
        return sorted(mails, key=lambda mail: (mail["To"], mail["Subject"]))

    def told(self) -> list[tuple[str, str]]:
        """Whom the outbox has a message for, and of which article."""
        return [(mail["To"].partition("@")[0], mail["Subject"]) for mail in self.mails()]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Makes an empty database, and gives its URL."""
    if postgres.MISSING:
        pytest.skip(postgres.MISSING)
    with postgres.cluster() as made:
        yield made.database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Of an empty ledger, of each engine; empty for the usual place."""
    if request.param == "sqlite":
        return ""
    made: Callable[[], str] = request.getfixturevalue("postgresql")
    return made()


@pytest.fixture
def series(tmp_path: Path, url: str) -> Iterator[Told]:
    """A series whose ledger is of each engine in turn."""
    made = make_series(tmp_path, url)
    yield made
    made.database.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Told]:
    """A series whose ledger is a file."""
    made = make_series(tmp_path)
    yield made
    made.database.close()


def make_series(root: Path, url: str = "") -> Told:
    (root / "series.toml").write_text(SERIES + NEWSLETTER)
    made = open_series(root, url)
    made.publish(entry(0, "first"), entry(1, "second"))
    return made


def open_series(root: Path, url: str = "") -> Told:
    """One that was made before."""
    return Told(root, open_ledger(url or place.of_author(root).ledger))
